import { createHash } from 'node:crypto';
import type { Alert, AlertMessage, Delivery, Notifier } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { fingerprintOf } from './fingerprint.ts';

/** What is told of a receiver that is not reached. */
export interface Failing {
  readonly notifier: Pick<Notifier, 'name' | 'type'>;
  /** The delivery by which it was found out; the episode is known by it. */
  readonly delivery: Delivery;
  readonly since: Instant;
}

/**
 * That messages do not reach a receiver, or reach it again, for another one. The id is made of the episode, so that saying
 * it again, after a restart for one, says nothing new.
 * @param endedAt null: not reached
 */
export function failingMessage(
  failing: Failing,
  to: string,
  endedAt: Instant | null,
  at: Instant,
  link: string | null,
): AlertMessage {
  const { notifier, delivery } = failing;
  const group = `delivery_failing/${notifier.name}`;
  const type = endedAt === null ? 'alert.firing' : 'alert.resolved';
  const hash = createHash('sha256').update(
    JSON.stringify([group, delivery.id, delivery.createdAt, type, to]),
  );
  const id = `msg_${hash.digest('hex').slice(0, 32)}`;
  return { id, type, group, notifier: to, at, link, alerts: [alertOf(failing, to, endedAt, at)] };
}

function alertOf(
  { notifier, delivery, since }: Failing,
  to: string,
  endedAt: Instant | null,
  at: Instant,
): Alert {
  const labels = {
    alertname: 'delivery_failing',
    severity: 'warning',
    notifier: notifier.name,
    notifier_type: notifier.type,
  };
  const key = `delivery_failing/${notifier.name}`;
  return {
    fingerprint: fingerprintOf(labels),
    key,
    group: key,
    name: 'delivery_failing',
    kind: 'delivery_failing',
    labels,
    annotations: endedAt === null ? failed(notifier, delivery) : reached(notifier),
    state: endedAt === null ? 'firing' : 'resolved',
    activeAt: since,
    firedAt: since,
    endedAt,
    noData: false,
    value: null,
    threshold: null,
    unit: 'factor',
    certainty: 'settled',
    incomplete: false,
    dataUntil: at,
    period: null,
    notify: [to],
    acknowledged: null,
    silencedBy: [],
    notifiedAt: at,
  };
}

function failed({ name, type }: Failing['notifier'], delivery: Delivery): Alert['annotations'] {
  const { attempts, lastStatus, lastAnswer, state } = delivery;
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const last = lastStatus === null ? lastAnswer : `${lastStatus} ${lastAnswer}`.trim();
  const next = state === 'dead' ? 'given up' : 'tried again';
  return {
    summary: `Messages do not reach ${name} (${type}): ${tries} of one failed, it is ${next}`,
    description:
      `Last answer: ${last}\n` +
      `Who is told by ${name} alone hears of no alert meanwhile. GET /api/v1/deliveries?notifier=${name} shows ` +
      `what waits and what was given up; \`crossbill alerts test ${name}\` tries it now.`,
  };
}

function reached({ name, type }: Failing['notifier']): Alert['annotations'] {
  return {
    summary: `Messages reach ${name} (${type}) again`,
    description: 'What was given up meanwhile is sent again by POST /api/v1/deliveries/{id}/retry.',
  };
}
