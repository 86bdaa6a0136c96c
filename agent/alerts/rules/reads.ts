import type { Dimension } from '../../core/dimension.ts';
import type { Phase } from '../../core/meter.ts';
import type { Price } from '../../core/price.ts';
import type { IdentityRow } from '../../core/ledger-rows.ts';
import type { AmountRow, ApiCallSum, LatencyRow, TargetStatus } from '../../core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { valueReader } from '../../query/dimensions.ts';
import { meanOf, recentMs, recentOf } from './recent.ts';
import type { MeanLatency, RecentSeries } from './recent.ts';
import type { DriftState, QuotaUse, RuleDeps } from './rule.ts';
import { daySeriesOf } from './last-day.ts';
import type { DaySeries } from './last-day.ts';
import { labelsBy, seriesBy } from './series.ts';
import type { Series } from './series.ts';
import { contributorsOf, endsOf, readLast } from './traffic-ends.ts';
import type { Contributor } from './traffic-ends.ts';

/** The last 24 whole hours of each traffic. */
export interface LastDay {
  readonly contributors: readonly Contributor[];
  /** By identity; absent: silent. */
  readonly rows: ReadonlyMap<number, AmountRow>;
}

type Grouped = readonly Series<Contributor>[];

/** What rules ask for, each read once in an evaluation and only when a rule wants it. */
export interface Reads {
  readonly now: Instant;
  readonly deps: RuleDeps;
  /** Identities that usage is or was metered of, by the dimensions. */
  everSeries(by: readonly Dimension[]): Promise<readonly Series<IdentityRow>[]>;
  recent(by: readonly Dimension[]): Promise<readonly RecentSeries[]>;
  latency(by: readonly Dimension[], phase: Phase): Promise<readonly MeanLatency[]>;
  lastDay(): Promise<LastDay>;
  day(by: readonly Dimension[]): Promise<readonly DaySeries[]>;
  statuses(): Promise<readonly TargetStatus[]>;
  apiCalls(): Promise<readonly ApiCallSum[]>;
  prices(): Promise<readonly Price[]>;
  drifts(): Promise<DriftState | undefined>;
  quotas(): Promise<readonly QuotaUse[] | undefined>;
}

export function readsOf(deps: RuleDeps, now: Instant): Reads {
  const { reader, status, book } = deps;
  const valueOf = valueReader(deps.teams);
  const labelsOf = perBy((by) => labelsBy(by, valueOf));
  const groupings = new Map<readonly Contributor[], (by: readonly Dimension[]) => Grouped>();
  const grouped = (contributors: readonly Contributor[], by: readonly Dimension[]): Grouped => {
    const known = groupings.get(contributors);
    const group =
      known ??
      perBy((dimensions) => {
        const labels = labelsOf(dimensions);
        return seriesBy(contributors, ({ identity }) => labels(identity), dimensions);
      });
    if (known === undefined) groupings.set(contributors, group);
    return group(by);
  };

  const known = once(() => reader.identities());
  const metered = once(async () => (await known()).filter(({ reports }) => reports.size > 0));
  const ends = once(async () => endsOf(await known(), await reader.coverageByTraffic(60), now));

  // Those that carry latency only tell no amounts and are in no sum of them.
  const recently = once(async () => contributorsOf(await known(), await ends(), recentMs));
  const recentRows = once(async () => {
    const all = await recently();
    const used = all.filter(({ identity }) => identity.reports.size > 0);
    // One list where they are the same, so that it is grouped once.
    const contributors = used.length === all.length ? all : used;
    const rows = await readLast(contributors, recentMs, minutes, (query) => reader.amounts(query));
    return { contributors, rows: byIdentity(rows) };
  });
  const latencyRows = once(async () => {
    const contributors = await recently();
    const rows = await readLast(contributors, recentMs, minutes, (query) => reader.latency(query));
    return { contributors, rows: listedByIdentity(rows) };
  });
  const latencySeries = perBy(async (by) => {
    const { contributors, rows } = await latencyRows();
    return { series: grouped(contributors, by), rows };
  });
  const means = (phase: Phase) =>
    perBy(async (by) => {
      const [{ series, rows }, used] = await Promise.all([latencySeries(by), recentRows()]);
      return series.map((one) => meanOf(one, rows, used.rows, phase));
    });
  const lastDay = once(async () => {
    const contributors = contributorsOf(await metered(), await ends(), dayMs + hourMs);
    const rows = await readLast(contributors, dayMs, hours, (query) => reader.amounts(query));
    return { contributors, rows: byIdentity(rows) };
  });
  const meansOf = { request: means('request'), first_token: means('first_token') };

  return {
    now,
    deps,
    everSeries: perBy(async (by) => seriesBy(await metered(), labelsOf(by), by)),
    recent: perBy(async (by) => {
      const { contributors, rows } = await recentRows();
      return grouped(contributors, by).map((one) => recentOf(one, rows));
    }),
    latency: (by, phase) => meansOf[phase](by),
    lastDay,
    day: perBy(async (by) => {
      const { contributors, rows } = await lastDay();
      return grouped(contributors, by).map((one) => daySeriesOf(one, rows));
    }),
    statuses: once(() => status.sources(now)),
    apiCalls: once(() => status.apiCalls(now)),
    prices: once(() => book.prices()),
    drifts: once(async () => deps.drifts?.(now)),
    quotas: once(async () => deps.quotas?.(now)),
  };
}

const minutes = { name: 'minute', ms: minuteMs } as const;
const hours = { name: 'hour', ms: hourMs } as const;

/** Asks at the first call; who asks again is given the same. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}

/** The same for each set of dimensions. */
function perBy<T extends object>(ask: (by: readonly Dimension[]) => T) {
  const asked = new Map<string, T>();
  return (by: readonly Dimension[]): T => {
    const key = JSON.stringify([...new Set(by)].toSorted());
    const known = asked.get(key) ?? ask(by);
    asked.set(key, known);
    return known;
  };
}

function byIdentity(rows: readonly AmountRow[]): ReadonlyMap<number, AmountRow> {
  return new Map(rows.map((row) => [row.identityId, row]));
}

function listedByIdentity(rows: readonly LatencyRow[]): ReadonlyMap<number, readonly LatencyRow[]> {
  const lists = new Map<number, LatencyRow[]>();
  for (const row of rows) {
    const list = lists.get(row.identityId);
    if (list === undefined) lists.set(row.identityId, [row]);
    else list.push(row);
  }
  return lists;
}
