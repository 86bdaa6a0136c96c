import type { Labels } from './cloud.ts';
import type { CostSums, Revision } from './ledger-rows.ts';
import type { Statistic } from './meter.ts';
import type { TokenItem } from './price.ts';
import type { BoundReason, RateCard, Rated, RateRange, RatingEvidence } from './rating.ts';
import type { TrafficKey } from './reading.ts';
import type { Instant, Window } from './time.ts';
import type { Amounts, LedgerSeries, TracedRow } from './usage.ts';

/** What one period of one series says in the ledger. */
export interface EvidencePoint {
  readonly start: Instant;
  readonly periodSeconds: number;
  readonly values: Readonly<Partial<Record<Statistic, number>>>;
  /** When a read first missed it; the ledger keeps its value. */
  readonly vanishedAt: Instant | null;
}

/** A span of the series' meter that was read whole. */
export interface EvidenceSpan extends Window {
  readonly periodSeconds: number;
  readonly settled: boolean;
  /** When any of it was read last. */
  readonly readAt: Instant;
}

export interface SeriesEvidence {
  readonly series: LedgerSeries;
  readonly target: string;
  /** Of the target: `resource_id` of an Azure account, `monitoring_account` where another account reads for it. */
  readonly labels: Labels;
  /** What is asked for, in the vendor's words. */
  readonly statistics: readonly string[];
  readonly points: readonly EvidencePoint[];
  readonly spans: readonly EvidenceSpan[];
}

/** A row of the ledger's usage that belongs to the window. */
export interface EvidenceRow extends Amounts, CostSums, RatingEvidence {
  readonly identityId: number;
  readonly start: Instant;
  readonly periodSeconds: number;
  /** False before it was ever rated. */
  readonly rated: boolean;
  /** What the readings make of it now; undefined where they are gone. */
  readonly traced: TracedRow | undefined;
}

/** Everything behind the figures of one traffic in a minute or an hour. */
export interface TrafficEvidence {
  readonly traffic: TrafficKey;
  readonly series: readonly SeriesEvidence[];
  /** An hour is the minutes it is made of, or itself where it was read or kept as an hour. */
  readonly rows: readonly EvidenceRow[];
  /** Of spans that touch the window, oldest first. */
  readonly revisions: readonly Revision[];
}

/** Starts of the nearest periods that have usage; null: none. */
export type NearestUsage = Readonly<Record<'minute' | 'hour', Instant | null>>;

export interface EvidenceReader {
  /** @param window one minute or one hour, aligned */
  evidence(trafficId: number, window: Window): Promise<TrafficEvidence>;
  nearestUsage(identityIds: readonly number[], at: Instant): Promise<NearestUsage>;
}

/** One amount's part in a cost. */
export interface CostLine {
  readonly amount: 'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'unsplitInput';
  /** By whose price. */
  readonly item: TokenItem;
  readonly tokens: number;
  /** For a million tokens; undefined: no price. */
  readonly rate: RateRange | undefined;
}

export interface ExplainedCost {
  /** Every amount that the row tells, in the order of the partition. */
  readonly lines: readonly CostLine[];
  /** `any`: prices know no bands; `short`: no request passed the threshold; `either`: any of them may have. */
  readonly band: 'any' | 'short' | 'either';
  /** Why the cost is a range; none where it is exact. */
  readonly reasons: readonly BoundReason[];
  readonly rated: Rated;
}

/** The pure arithmetic behind `Rater.rate`, line by line. */
export type ExplainCost = (
  card: RateCard,
  amounts: Amounts,
  evidence: RatingEvidence,
) => ExplainedCost;
