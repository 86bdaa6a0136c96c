import type { BillCollector, BillScope } from '../core/bill.ts';
import type { Collector, Discovery, Target } from '../core/collector.ts';
import type { LedgerIntake, LedgerRetention } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { factsOf } from '../normalize/facts.ts';
import { billWork } from '../schedule/bill-due.ts';
import { costOfBills } from '../schedule/bill-spending.ts';
import type { BillCost } from '../schedule/bill-spending.ts';
import type { CollectSettings } from '../schedule/collect.ts';
import { dueWindows } from '../schedule/due.ts';
import { costOf, predictDay } from '../schedule/predict.ts';
import { autoLimit } from '../schedule/spend-limits.ts';
import { predictLedgerBytes } from '../upkeep/predict-size.ts';
import type { LedgerShape, SeriesGroup } from '../upkeep/predict-size.ts';

/** What reading one source will cost at the cloud's list price. Nano-dollars. */
export interface SourceForecast {
  readonly source: string;
  readonly targets: number;
  readonly meters: number;
  readonly everySeconds: number;
  /** An upper bound of an ordinary day: every meter busy, listings, re-reads and bills included. */
  readonly callsPerDay: number;
  readonly costNanoUsdPerDay: bigint;
  /** What of it is for bills. */
  readonly bills: { readonly scopes: number; readonly costNanoUsdPerDay: bigint };
  readonly limitNanoUsdPerDay: bigint;
  /** Whether the limit follows from the forecast. */
  readonly limitIsAuto: boolean;
  /** Filling the history that poll.backfill asks for, and that of bills, once. */
  readonly history: { readonly calls: number; readonly costNanoUsd: bigint };
}

/** A source as it was just listed. */
export interface ListedSource {
  readonly collector: Pick<Collector, 'name' | 'price' | 'priceListing'>;
  readonly discovery: Discovery;
  /** Where its bills are asked for, with all they can be asked of. */
  readonly bills?: {
    readonly collector: Pick<BillCollector, 'openFrom' | 'price'>;
    readonly scopes: readonly BillScope[];
    /** How far back they are wanted. Seconds. */
    readonly horizonSeconds: number;
  };
}

export function forecastSource(
  { collector, discovery, bills }: ListedSource,
  settings: CollectSettings,
  limit: 'auto' | { readonly nanoUsdPerDay: bigint },
  now: Instant,
): SourceForecast {
  const { targets } = discovery;
  const usage = predictDay(collector, targets, settings);
  const billed = (bills?.scopes ?? []).map((scope) => billCost(bills, scope, now));
  const billsPerDay = billed.reduce((sum, one) => sum + one.nanoUsdPerDay, 0n);
  const costNanoUsdPerDay = usage.costNanoUsdPerDay + billsPerDay;
  const fills = targets.map((target) =>
    costOf(collector, target, dueWindows(target, new Map(), now, settings)),
  );
  return {
    source: collector.name,
    targets: targets.length,
    meters: targets.reduce((sum, { units }) => sum + units.length, 0),
    everySeconds: settings.everySeconds,
    callsPerDay: billed.reduce((sum, one) => sum + one.callsPerDay, usage.callsPerDay),
    costNanoUsdPerDay,
    bills: { scopes: billed.length, costNanoUsdPerDay: billsPerDay },
    limitNanoUsdPerDay: limit === 'auto' ? autoLimit(costNanoUsdPerDay) : limit.nanoUsdPerDay,
    limitIsAuto: limit === 'auto',
    history: {
      calls:
        fills.reduce((sum, { calls }) => sum + calls, 0) +
        billed.reduce((sum, { historyCalls }) => sum + historyCalls, 0),
      costNanoUsd:
        fills.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n) +
        billed.reduce((sum, { historyNanoUsd }) => sum + historyNanoUsd, 0n),
    },
  };
}

/** Of a scope of which nothing was told yet. */
function billCost(bills: ListedSource['bills'], scope: BillScope, now: Instant): BillCost {
  const { collector, horizonSeconds = 0 } = bills ?? {};
  const openFrom = (at: Instant) => collector?.openFrom(scope, at) ?? at;
  const work = billWork({ scope, now, told: [], openFrom, horizonSeconds });
  return costOfBills(collector ?? {}, scope, work);
}

/** Bytes of the ledger's file. */
export interface DiskForecast {
  readonly after30Days: number;
  /** How old it is when minutes and hours come and go alike. */
  readonly steadyDays: number;
  readonly steady: number;
  /** What days and revisions, which are kept, add in a year after that. */
  readonly perYearThereafter: number;
}

/** @param backfillSeconds how much of the history is filled at the first start */
export function forecastDisk(
  shape: LedgerShape,
  retention: LedgerRetention,
  backfillSeconds: number,
): DiskForecast {
  const filledDays = backfillSeconds / daySeconds;
  const bytesAfter = (days: number) => predictLedgerBytes(shape, { retention, days, filledDays });
  const ages = [retention.minuteSeconds, retention.hourSeconds].filter(Number.isFinite);
  const steadyDays = Math.max(30, ...ages.map((seconds) => Math.ceil(seconds / daySeconds)));
  const steady = bytesAfter(steadyDays);
  return {
    after30Days: bytesAfter(30),
    steadyDays,
    steady,
    perYearThereafter: bytesAfter(steadyDays + 365) - steady,
  };
}

/** The most there can be: every meter of every model and deployment reports in every minute. */
export function busiestShape(discoveries: readonly Discovery[], everySeconds: number): LedgerShape {
  const series: SeriesGroup[] = [];
  const traffics = new Set<string>();
  const identities = new Set<string>();
  let targets = 0;
  let units = 0;
  let deploymentsInAll = 0;
  for (const discovery of discoveries) {
    for (const target of discovery.targets) {
      targets += 1;
      units += target.units.length;
      const deployments = deploymentsOf(target, discovery);
      const rows = new Map(target.rows.map((row) => [row.id, row]));
      let isWild = false;
      for (const { rowId, dimensions } of target.units) {
        const row = rows.get(rowId);
        if (row === undefined) continue;
        const wild = Object.values(dimensions).includes('*');
        const byStatus = row.measure.kind === 'requests' && row.measure.outcome === 'by_status';
        series.push({
          count: wild ? deployments * (byStatus ? statusesPerDeployment : 1) : 1,
          statistics: row.statistics.length,
          activeShare: 1,
          latency: row.measure.kind === 'latency',
        });
        isWild ||= wild;
        const facts = wild ? undefined : factsOf(target, row, dimensions);
        if (facts === undefined) continue;
        traffics.add(JSON.stringify(facts.traffic));
        identities.add(JSON.stringify([facts.traffic, facts.facet]));
      }
      if (isWild) deploymentsInAll += deployments;
    }
  }
  return {
    targets,
    units,
    series,
    traffics: traffics.size + deploymentsInAll,
    identities: identities.size + deploymentsInAll,
    usageShare: 1,
    everySeconds,
  };
}

/**
 * What a ledger took in over a day, as a shape.
 * @param coveredShare how much of that day was read, above 0
 */
export function seenShape(
  intake: LedgerIntake,
  coveredShare: number,
  everySeconds: number,
): LedgerShape {
  const minutes = minutesPerDay * coveredShare;
  const share = (rows: number, count: number) => Math.min(1, rows / Math.max(1, count * minutes));
  return {
    ...intake,
    series: intake.series.map((group) => ({
      ...group,
      activeShare: share(group.readings, group.count),
    })),
    usageShare: share(intake.usageMinutes, intake.identities),
    everySeconds,
  };
}

/** Azure tells no series before it is read: each deployment of the account may be one. */
function deploymentsOf(target: Target, { inventory }: Discovery): number {
  const listed = inventory.find(
    ({ kind, account, region, resource }) =>
      kind === 'deployment' &&
      account === target.account &&
      region === target.region &&
      resource === target.resource,
  );
  return Math.max(1, listed?.items.length ?? 1);
}

/** Success, throttled, failed. */
const statusesPerDeployment = 3;
const minutesPerDay = 1_440;
const daySeconds = 86_400;
