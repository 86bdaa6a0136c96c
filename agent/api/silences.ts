import * as z from 'zod';
import type { Silence } from '../core/alert.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { matchesAny } from '../query/dimensions.ts';
import { defineAction } from './action.ts';
import { nameOf } from './auth.ts';
import type { Access } from './auth.ts';
import { patterns } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';
import type { RouteDeps } from './route.ts';

const states = ['active', 'pending', 'expired'] as const;

const matcher = z.object({
  name: z.string().min(1).max(200).meta({ description: 'A label: alertname, severity, team …' }),
  value: z.string().max(500).meta({ description: 'What it equals; a trailing * for any rest' }),
  isEqual: z.boolean().default(true).meta({ description: 'false: where it does not match' }),
  isRegex: z
    .literal(false, {
      error: 'regular expressions are not taken; write the start of a value and *',
    })
    .default(false),
});

const row = z.object({
  id: z.string(),
  state: z.enum(states).meta({ description: 'pending: it begins later' }),
  matchers: z.array(matcher).meta({ description: 'An alert that all of them match is quiet' }),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  createdBy: z.string(),
  comment: z.string(),
  createdAt: z.iso.datetime(),
});

export const silencesRoute = defineRoute({
  path: '/api/v1/silences',
  summary: 'Silences',
  description: 'Those that hold, that will and that did, as Alertmanager writes them.',
  scope: 'read',
  params: z.object({ state: patterns('State', states).optional() }),
  row,
  rowName: 'SilenceRow',
  headers: {},
  async answer({ state = [] }, access, { alerts, clock }) {
    unlimited(access);
    const now = clock.now();
    const rows = ((await alerts?.reader.silences()) ?? []).map((one) => rowOf(one, now));
    return { rows: rows.filter((one) => state.length === 0 || matchesAny(one.state, state)) };
  },
});

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const wanted = z.strictObject({
  id: z.string().max(100).optional().meta({ description: 'Of one that is to be replaced' }),
  matchers: z
    .array(matcher)
    .min(1)
    .max(32)
    .meta({ description: 'One of them at least says what a label is' }),
  startsAt: instant.optional().meta({ description: 'Absent: now' }),
  endsAt: instant.meta({ description: 'After now, and after startsAt' }),
  createdBy: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: "Absent: the token's name" }),
  comment: z.string().max(2_000).default(''),
});

/** More than anybody looks through. */
const mostSilences = 1_000;

export const createSilence = defineAction({
  method: 'post',
  path: '/api/v1/silences',
  operationId: 'createSilence',
  summary: 'Keep alerts quiet for a while',
  description:
    'What it matches still fires and resolves, and nobody is told. What still fires when it ends is told then. It has an end ' +
    'and an author.',
  scope: 'write',
  params: {},
  body: wanted,
  answer: row,
  answerName: 'SilenceRow',
  async act({ body }, access, deps) {
    const { commands, reader, newId, log } = changeable(access, deps);
    const { endsAt, comment, createdBy = nameOf(access) } = body;
    const now = deps.clock.now();
    if (createdBy === undefined) throw wrong('createdBy', 'say who wants it');
    if (!body.matchers.some(({ value, isEqual }) => isEqual && value !== '')) {
      throw wrong('matchers', 'one matcher at least must say what a label is');
    }
    if (body.startsAt !== undefined && endsAt <= body.startsAt) {
      throw wrong('endsAt', 'must lie after startsAt');
    }
    if (endsAt <= now) throw wrong('endsAt', `must lie after now (${isoUtc(now)})`);
    const there = await reader.silences();
    const replaced = there.find(({ id }) => id === body.id);
    if (body.id !== undefined && replaced === undefined) throw unknown();
    if (there.length >= mostSilences && replaced === undefined) {
      throw new ProblemError('conflict', `there are ${there.length} silences; end some of them`);
    }
    const silence: Silence = {
      id: body.id ?? newId(),
      matchers: body.matchers.map(({ name, value, isEqual }) => ({ name, value, isEqual })),
      startsAt: body.startsAt ?? now,
      endsAt,
      createdBy,
      comment,
      createdAt: now,
    };
    await commands.keepSilence(silence);
    log.info('silence kept', {
      ...silence,
      endsAt: isoUtc(endsAt),
      token: access.token,
      user: access.user,
    });
    return rowOf(silence, now);
  },
});

export const endSilence = defineAction({
  method: 'delete',
  path: '/api/v1/silences/{id}',
  operationId: 'endSilence',
  summary: 'End a silence now',
  description: 'What it kept quiet and still fires is told.',
  scope: 'write',
  params: { id: 'Of a row of /api/v1/silences' },
  answer: z.object({ id: z.string() }),
  answerName: 'SilenceEnd',
  async act({ params: { id = '' } }, access, deps) {
    const { commands, log } = changeable(access, deps);
    if (!(await commands.expireSilence(id))) throw unknown();
    log.info('silence ended', { id, token: access.token, user: access.user });
    return { id };
  },
});

function changeable(access: Access, { alerts }: RouteDeps) {
  unlimited(access);
  if (alerts !== undefined) return alerts;
  throw new ProblemError('not-found', 'this agent has no alerts');
}

function unknown(): ProblemError {
  return new ProblemError('not-found', 'no silence has this id; GET /api/v1/silences lists them');
}

/** Of what is well written and cannot be done. */
function wrong(parameter: string, detail: string): ProblemError {
  return new ProblemError('contradiction', `${parameter}: ${detail}`, [{ parameter, detail }]);
}

/** A silence may keep anybody's alerts quiet. */
export function unlimited({ scope }: Access): void {
  if (scope.size === 0) return;
  throw new ProblemError(
    'forbidden',
    `the token is limited by ${[...scope.keys()].join(', ')}, and a silence is not; use a token limited by nothing`,
  );
}

function rowOf(silence: Silence, now: Instant): z.output<typeof row> {
  const { id, matchers, startsAt, endsAt, createdBy, comment, createdAt } = silence;
  const begun = now < startsAt ? 'pending' : 'active';
  return {
    id,
    state: endsAt <= now ? 'expired' : begun,
    matchers: matchers.map((one) => ({ ...one, isRegex: false })),
    startsAt: isoUtc(startsAt),
    endsAt: isoUtc(endsAt),
    createdBy,
    comment,
    createdAt: isoUtc(createdAt),
  };
}
