import * as z from 'zod';
import type { AlertEvent, AlertState, TrackedAlert } from '../core/alert.ts';
import { isoUtc } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { matchesAny } from '../query/dimensions.ts';
import type { Filters } from '../query/dimensions.ts';
import { defineAction } from './action.ts';
import { nameOf } from './auth.ts';
import { patterns } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';
import type { AlertAccess } from './route.ts';

const states: readonly AlertState[] = ['inactive', 'pending', 'firing', 'resolved', 'corrected'];

const moment = (description: string) => z.iso.datetime().nullable().meta({ description });
const word = (description: string) => z.string().meta({ description });
const number = (description: string) => z.number().nullable().meta({ description });

const row = z.object({
  fingerprint: word('Of its labels and its period; the same over restarts'),
  name: word('The budget or rule'),
  kind: word('budget, or the kind of the rule'),
  state: z.enum(states).meta({
    description:
      'pending: met, not long enough yet; corrected: what fired was restated below the threshold; inactive: over before it fired',
  }),
  severity: word('The label; empty where there is none'),
  summary: word('What, how much, by when'),
  value: number('Null where it cannot be told'),
  threshold: number('In `unit`'),
  unit: z.enum(['usd', 'tokens', 'ratio', 'seconds', 'milliseconds', 'factor', 'count']),
  certainty: z.enum(['provisional', 'settled', 'calibrated', 'billed']).meta({
    description: 'provisional: some of the figure may still change at the cloud',
  }),
  incomplete: z.boolean().meta({ description: 'The value is a floor: history is missing' }),
  no_data: z
    .boolean()
    .meta({ description: 'It cannot be told at present; the state is what it was' }),
  active_at: moment('Since when its condition holds, in data time'),
  fired_at: moment('When it fired'),
  ended_at: moment('When it was over'),
  period_start: moment('Of a budget'),
  period_end: moment('Of a budget, exclusive'),
  data_until: moment('The end of the newest data that it was decided by'),
  notified_at: moment('When people were last told of it'),
  acknowledged_by: z.string().nullable(),
  silenced: z.boolean().meta({ description: 'A silence keeps it quiet' }),
  runbook_url: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  history: z
    .array(
      z.object({
        at: z.iso.datetime(),
        from: z.enum(states),
        to: z.enum(states),
        value: z.number().nullable(),
        note: z.string(),
      }),
    )
    .meta({ description: 'What became of it, oldest first; the newest fifty' }),
});

const mostEvents = 50;
const mostRows = 1_000;

export const alertsRoute = defineRoute({
  path: '/api/v1/alerts',
  summary: 'Alerts, as they stand and as they were',
  description:
    'What is active first, then what was active last. Ended ones are kept for 120 days. A token that is limited by a match ' +
    'sees the alerts whose labels say that they are of it.',
  scope: 'read',
  params: z.object({
    state: patterns('State', states).optional(),
    name: patterns('Name of the budget or rule').optional(),
    severity: patterns('Severity').optional(),
  }),
  row,
  rowName: 'AlertRow',
  headers: {},
  async answer({ state = [], name = [], severity = [] }, access, { alerts }) {
    if (alerts === undefined) return { rows: [] };
    const found = (await alerts.reader.alerts())
      .filter((one) => isSeen(one, access.scope) && fits(one.state, state) && fits(one.name, name))
      .filter((one) => fits(one.labels['severity'] ?? '', severity))
      .toSorted(
        (a, b) => (b.endedAt ?? Infinity) - (a.endedAt ?? Infinity) || b.activeAt - a.activeAt,
      );
    if (found.length > mostRows) {
      throw new ProblemError(
        'too-many-rows',
        `${found.length} alerts, more than ${mostRows}; ask for some by state, name or severity`,
      );
    }
    return { rows: await Promise.all(found.map((alert) => rowOf(alert, alerts))) };
  },
});

const acknowledgement = z.strictObject({
  by: z.string().min(1).max(200).optional().meta({ description: "Absent: the token's name" }),
  note: z.string().max(2_000).default('').meta({ description: 'What is known, for the others' }),
});

export const acknowledgeAlert = defineAction({
  method: 'post',
  path: '/api/v1/alerts/{fingerprint}/ack',
  operationId: 'acknowledgeAlert',
  summary: 'Take an alert on',
  description: 'It is not repeated any more; that it is over is told as ever.',
  scope: 'write',
  params: { fingerprint: 'Of a row of /api/v1/alerts that is firing' },
  body: acknowledgement,
  answer: z.object({ fingerprint: z.string(), acknowledged_by: z.string() }),
  answerName: 'Acknowledgement',
  async act({ params: { fingerprint = '' }, body }, access, { alerts }) {
    const by = body.by ?? nameOf(access) ?? 'somebody';
    const known = await alerts?.reader.alerts();
    const isKnown = known?.some(
      (one) => one.fingerprint === fingerprint && isSeen(one, access.scope),
    );
    const result =
      alerts !== undefined && isKnown === true
        ? await alerts.commands.acknowledge(fingerprint, by, body.note)
        : 'unknown';
    if (result === 'unknown') {
      throw new ProblemError(
        'not-found',
        'no alert has this fingerprint; GET /api/v1/alerts lists them',
      );
    }
    if (result === 'not_firing') {
      throw new ProblemError('conflict', 'it is not firing, so there is nothing to take on');
    }
    alerts?.log.info('alert acknowledged', {
      fingerprint,
      by,
      token: access.token,
      user: access.user,
      note: body.note,
    });
    return { fingerprint, acknowledged_by: by };
  },
});

function fits(value: string, among: readonly string[]): boolean {
  return among.length === 0 || matchesAny(value, among);
}

/** Whether its labels say that it lies within what a token may see. */
export function isSeen({ labels }: Pick<TrackedAlert, 'labels'>, scope: Filters): boolean {
  return [...scope].every(([dimension, wanted]) => {
    const value = labels[dimension] ?? labels[dimension.replace('tag.', 'tag_')];
    return value !== undefined && matchesAny(value, wanted);
  });
}

async function rowOf(
  alert: TrackedAlert,
  { reader }: Pick<AlertAccess, 'reader'>,
): Promise<z.output<typeof row>> {
  const events = await reader.events(alert.fingerprint);
  return {
    fingerprint: alert.fingerprint,
    name: alert.name,
    kind: alert.kind,
    state: alert.state,
    severity: alert.labels['severity'] ?? '',
    summary: alert.annotations['summary'] ?? alert.name,
    value: alert.value,
    threshold: alert.threshold,
    unit: alert.unit,
    certainty: alert.certainty,
    incomplete: alert.incomplete,
    no_data: alert.noData,
    active_at: time(alert.activeAt),
    fired_at: time(alert.firedAt),
    ended_at: time(alert.endedAt),
    period_start: time(alert.period?.start),
    period_end: time(alert.period?.end),
    data_until: time(alert.dataUntil),
    notified_at: time(alert.notifiedAt),
    acknowledged_by: alert.acknowledged?.by ?? null,
    silenced: alert.silencedBy.length > 0,
    runbook_url: alert.annotations['runbook_url'] ?? null,
    labels: { ...alert.labels },
    history: events.slice(-mostEvents).map(historyOf),
  };
}

function historyOf({ at, from, to, value, note }: AlertEvent) {
  return { at: isoUtc(at), from, to, value, note };
}

function time(instant: Instant | null | undefined): string | null {
  return instant === null || instant === undefined ? null : isoUtc(instant);
}
