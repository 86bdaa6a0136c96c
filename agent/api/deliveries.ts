import * as z from 'zod';
import type { Delivery, DeliveryState } from '../core/alert.ts';
import type { OutboxReader } from '../core/alert-store.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { defineAction } from './action.ts';
import type { Access } from './auth.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';
import type { RouteDeps } from './route.ts';

const states: readonly DeliveryState[] = ['waiting', 'delivered', 'dead'];

const moment = (description: string) => z.iso.datetime().meta({ description });
const word = (description: string) => z.string().meta({ description });

const row = z.object({
  id: word('Of this message to this notifier'),
  message: word('The webhook-id; the same at every attempt'),
  notifier: word('Its name in the configuration'),
  type: word('What the message is about: alert.firing, alert.resolved and so on'),
  group: word('Messages of one group arrive in order'),
  state: z.enum(states).meta({
    description: 'waiting is sent at next_try; dead is given up, and can be sent again by hand',
  }),
  attempts: z.int().nonnegative().meta({ description: 'Attempts made' }),
  created: moment('When it was put into the outbox'),
  next_try: moment('When it is sent next; null unless it waits').nullable(),
  last_try: moment('When it was sent last').nullable(),
  delivered: moment('When the other side took it').nullable(),
  last_status: z.int().nullable().meta({
    description: 'HTTP status of the last answer; null where there was none',
  }),
  last_answer: word('The first bytes of the last answer, or why there was none'),
  alerts: z.int().nonnegative().meta({ description: 'Alerts in the message' }),
});

type DeliveryRow = z.output<typeof row>;

/** Rows that an answer has unless told otherwise, and at most. */
const usualRows = 1_000;
const mostRows = 10_000;

export const deliveriesRoute = defineRoute({
  path: '/api/v1/deliveries',
  summary: 'The outbox: what was sent to whom, and what waits',
  description: 'One row a message and notifier, newest first.',
  scope: 'read',
  params: z.object({
    state: z
      .enum(states, { error: `expected one of ${states.join(', ')}` })
      .optional()
      .meta({ description: 'Only these' }),
    notifier: z.string().optional().meta({ description: 'Only of the notifier of this name' }),
    limit: z.coerce
      .number({ error: 'expected a number' })
      .int()
      .min(1)
      .max(mostRows)
      .default(usualRows)
      .meta({ description: 'The newest so many' }),
  }),
  row,
  rowName: 'DeliveryRow',
  headers: {},
  async answer({ state, notifier, limit }, access, deps) {
    const filter = {
      limit,
      ...(state !== undefined && { state }),
      ...(notifier !== undefined && { notifier }),
    };
    return { rows: await deliveriesOf(filter, access, deps) };
  },
});

/** The rows of the outbox, newest first; throws a ProblemError for whoever sees a part of the ledger only. */
export async function deliveriesOf(
  filter: Parameters<OutboxReader['deliveries']>[0],
  access: Access,
  { outbox }: Pick<RouteDeps, 'outbox'>,
): Promise<readonly DeliveryRow[]> {
  unlimited(access);
  return ((await outbox?.deliveries(filter)) ?? []).map(rowOf);
}

export const retryDelivery = defineAction({
  method: 'post',
  path: '/api/v1/deliveries/{id}/retry',
  operationId: 'retryDelivery',
  summary: 'Send a message again',
  description:
    'Makes it due now, with the whole schedule of attempts before it; also one that is dead or was delivered. The message ' +
    'keeps its webhook-id, so a receiver that has it already can tell.',
  scope: 'write',
  params: { id: 'The id of a row of /api/v1/deliveries' },
  answer: z.object({ id: z.string(), next_try: moment('When it is sent') }),
  answerName: 'DeliveryRetry',
  async act({ params: { id = '' } }, access, { outbox, wakeDelivery, clock }) {
    unlimited(access);
    const at = clock.now();
    if (outbox?.retryDelivery(id, at) !== true) {
      throw new ProblemError(
        'not-found',
        'no delivery has this id; GET /api/v1/deliveries lists them',
      );
    }
    wakeDelivery?.();
    return { id, next_try: isoUtc(at) };
  },
});

/** A message may hold alerts of anybody, so a token that sees a part of the ledger sees none of them. */
function unlimited({ scope }: Access): void {
  if (scope.size === 0) return;
  throw new ProblemError(
    'forbidden',
    `the token is limited by ${[...scope.keys()].join(', ')}, which no delivery tells; use a token limited by nothing`,
  );
}

function isoOrNull(instant: Instant | null): string | null {
  return instant === null ? null : isoUtc(instant);
}

function rowOf(delivery: Delivery): DeliveryRow {
  const { id, message, notifier, state, attempts } = delivery;
  return {
    id,
    message: message.id,
    notifier,
    type: message.type,
    group: message.group,
    state,
    attempts,
    created: isoUtc(delivery.createdAt),
    next_try: state === 'waiting' ? isoUtc(delivery.nextTryAt) : null,
    last_try: isoOrNull(delivery.lastTryAt),
    delivered: isoOrNull(delivery.deliveredAt),
    last_status: delivery.lastStatus,
    last_answer: delivery.lastAnswer,
    alerts: message.alerts.length,
  };
}
