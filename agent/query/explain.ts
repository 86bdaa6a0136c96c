import type { EvidenceReader, ExplainCost, TrafficEvidence } from '../core/evidence.ts';
import type { BillReader } from '../core/bill-store.ts';
import type { PriceBookReader } from '../core/price-store.ts';
import type { IdentityRow, UsageReader } from '../core/store.ts';
import { floorTo, hourMs, isoUtc, minuteMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { intersect } from '../core/window.ts';
import { matches, valueReader } from './dimensions.ts';
import type { Filters, TeamRule } from './dimensions.ts';
import { calibrationAt } from './calibrated.ts';
import { commandsOf } from './explain-commands.ts';
import { nothingThere } from './explain-nothing.ts';
import type { NothingThere } from './explain-nothing.ts';
import { capacitySaid } from './explain-capacity.ts';
import { moneySaid, partSaid } from './explain-part.ts';
import { isSettled, namedSeries, readingsSaid } from './explain-readings.ts';
import type { TrafficSeries } from './explain-readings.ts';
import { billedSaid } from './explain-billed.ts';
import { roundingRule } from './explain-words.ts';
import type { ExplainedAmounts, Explanation } from './explanation.ts';
import { refuseTooBroad } from './too-broad.ts';
import { queryUsage } from './usage.ts';

export type ExplainStep = '1m' | '1h';

export interface ExplainQuery {
  /** As it was asked for; among the filters too. */
  readonly model: string;
  /** Any moment of the minute or hour. */
  readonly at: Instant;
  readonly step: ExplainStep;
  readonly filters: Filters;
  /** What the asker may see at all. */
  readonly scope?: Filters;
  readonly teams: readonly TeamRule[];
}

export interface ExplainDeps {
  readonly reader: UsageReader &
    EvidenceReader &
    Pick<PriceBookReader, 'cardsOf'> &
    Pick<BillReader, 'bills' | 'billedDays'>;
  readonly explainCost: ExplainCost;
}

export type Explained =
  | { readonly found: true; readonly explanation: Explanation }
  | { readonly found: false; readonly nothing: NothingThere };

/**
 * The figure of one minute or hour, walked back to readings, contract, prices and arithmetic: everything that the rows of
 * `queryUsage` with the same filters add up. Throws a TooBroadError where that is more than a person can follow.
 */
export async function explainFigure(deps: ExplainDeps, query: ExplainQuery): Promise<Explained> {
  const { reader } = deps;
  const stepMs = query.step === '1h' ? hourMs : minuteMs;
  const start = floorTo(query.at, stepMs);
  const window = { start, end: start + stepMs };
  const valueOf = valueReader(query.teams);
  const known = (await reader.identities()).filter(
    (row) =>
      row.reports.size > 0 && (query.scope === undefined || matches(row, query.scope, valueOf)),
  );
  const asked = known.filter((row) => matches(row, query.filters, valueOf));
  const members = await withUsage(reader, asked, window, query.step);
  if (members.length === 0) {
    return { found: false, nothing: await nothingThere(reader, query.step, window, known, asked) };
  }
  refuseTooBroad(members);
  const traffics = await Promise.all(
    [...new Set(members.map(({ trafficId }) => trafficId))].map((id) =>
      reader.evidence(id, window),
    ),
  );
  const explanation = await explain(deps, query, window, members, traffics);
  return { found: true, explanation };
}

/** Those that the ledger has a row of, sorted as people look for them. */
async function withUsage(
  reader: UsageReader,
  asked: readonly IdentityRow[],
  window: Window,
  step: ExplainStep,
): Promise<readonly IdentityRow[]> {
  const living = asked.filter(({ from, to }) => intersect(window, { start: from, end: to }));
  if (living.length === 0) return [];
  const rows = await reader.amounts({
    grain: step === '1h' ? 'hour' : 'minute',
    identityIds: living.map(({ id }) => id),
    window,
    bucketMs: 0,
  });
  const told = new Set(rows.map(({ identityId }) => identityId));
  return living
    .filter(({ id }) => told.has(id))
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

function placeOf({ account, region, resource, deployment, tier, id }: IdentityRow): string {
  return [account, region, resource, deployment, tier, String(id).padStart(9, '0')].join('\n');
}

async function explain(
  { reader, explainCost }: ExplainDeps,
  query: ExplainQuery,
  window: Window,
  members: readonly IdentityRow[],
  traffics: readonly TrafficEvidence[],
): Promise<Explanation> {
  const valueOf = valueReader(query.teams);
  const ids = new Set(members.map(({ id }) => id));
  const rows = traffics.flatMap((traffic) => traffic.rows.filter((row) => ids.has(row.identityId)));
  const series: readonly TrafficSeries[] = namedSeries(traffics, ids);
  const names = new Map(series.map((one) => [one.evidence.series.id, one]));
  const [calibrations, billed] = await Promise.all([reader.calibrations(), reader.billedDays()]);
  const parts = await Promise.all(
    members.map(async (identity, index) =>
      partSaid({
        id: String.fromCodePoint(65 + index),
        identity,
        team: valueOf(identity, 'team'),
        rows: rows.filter(({ identityId }) => identityId === identity.id),
        spans: await reader.cardsOf(identity.id),
        capacity: await capacitySaid(reader, identity, window),
        calibration: { calibration: calibrationAt(calibrations, identity, window.start), billed },
        at: window.start,
        nameOf: (id) => names.get(id) ?? { id: '', says: '' },
        explainCost,
      }),
    ),
  );
  const told = series.filter(({ evidence }) => evidence.points.length > 0);
  const revisions = traffics.flatMap((traffic) => traffic.revisions);
  return {
    model: query.model,
    time: isoUtc(window.start),
    end: isoUtc(window.end),
    step: query.step,
    ...(await amountsOf(reader, query, window)),
    ...moneySaid(rows),
    settled: isSettled(series, window),
    agrees: parts.every(({ periods }) => periods.every((period) => period.agrees)),
    parts,
    readings: readingsSaid(series, window),
    revisions: revisions
      .toSorted((a, b) => a.sequence - b.sequence)
      .map((one) => ({
        at: isoUtc(one.at),
        from: isoUtc(one.window.start),
        to: isoUtc(one.window.end),
      })),
    rounding: roundingRule,
    billed: await billedSaid(reader, members, window.start, (query.scope?.size ?? 0) > 0),
    commands: commandsOf(told.length > 0 ? told : series, window),
  };
}

/** As the rows of usage say them: what was looked at and silent is zero. */
async function amountsOf(
  reader: UsageReader,
  { filters, scope, teams }: ExplainQuery,
  { start: from, end: to }: Window,
): Promise<ExplainedAmounts> {
  const selection = { from, to, stepMs: 'total', groupBy: [], filters, teams } as const;
  const { rows } = await queryUsage(
    reader,
    scope === undefined ? selection : { ...selection, scope },
  );
  const [row] = rows;
  return {
    input_tokens: row?.input_tokens ?? null,
    cache_read_tokens: row?.cache_read_tokens ?? null,
    cache_write_tokens: row?.cache_write_tokens ?? null,
    output_tokens: row?.output_tokens ?? null,
    unsplit_input_tokens: row?.unsplit_input_tokens ?? null,
    requests: row?.requests ?? null,
    errors: row?.errors ?? null,
    throttles: row?.throttles ?? null,
  };
}
