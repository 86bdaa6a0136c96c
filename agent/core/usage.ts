import type { Confidence, Routing, Tier } from './dimension.ts';
import type { Labels } from './cloud.ts';
import type { Contract, Outcome, TokenMeter } from './meter.ts';
import type { FacetKey, Series, TrafficKey } from './reading.ts';
import type { InventorySpan } from './inventory.ts';
import type { Instant } from './time.ts';

/** Amounts of one facet in one period. Null: the meter does not tell, which is not zero. */
export interface Amounts {
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly output: number | null;
  readonly unsplitInput: number | null;
  readonly requests: number | null;
  readonly errors: number | null;
  readonly throttles: number | null;
}
export const amountNames = [
  'input',
  'cacheRead',
  'cacheWrite',
  'output',
  'unsplitInput',
  'requests',
  'errors',
  'throttles',
] as const satisfies readonly (keyof Amounts)[];
/** The disjoint parts of all tokens, which are the amounts that money is for. */
export const tokenAmounts = ['input', 'cacheRead', 'cacheWrite', 'output', 'unsplitInput'] as const;

/** What the vendor's names stand for over a span of time. */
export interface Identity {
  readonly from: Instant;
  readonly to: Instant;
  readonly model: string;
  readonly modelVersion: string;
  readonly vendorModel: string;
  readonly deployment: string;
  readonly routing: Routing;
  readonly tier: Tier;
  readonly family: string;
  readonly confidence: Confidence;
  readonly tags: Labels;
  /** True where the inventory was not looked at yet and its earliest known state is taken. */
  readonly assumed: boolean;
}

/** A series as the deriver sees it: the ledger's number for it, and its meaning. */
export interface LedgerSeries extends Series {
  readonly id: number;
}

/** Periods side by side: period `i` starts at `start + i * stepMs`. */
export interface Grid {
  readonly start: Instant;
  readonly stepMs: number;
  readonly periods: number;
}

/** One series' value in each period of a grid, NaN where it said nothing. */
export type SeriesColumn = readonly number[];

/** One derived row: which facet of the traffic, which period, how much. */
export interface DerivedRow {
  readonly facet: FacetKey;
  readonly start: Instant;
  readonly amounts: Amounts;
  /** More cached tokens than input ones, or parts above their total. */
  readonly violation: boolean;
}

/** One reading's part in a meter of a facet. */
export interface TraceTerm {
  readonly seriesId: number;
  readonly value: number;
  /** Of it, what finer series of the same meter tell apart already: it is counted with them. */
  readonly toldApart: number;
}

/** One meter of a facet in a period: the sum over the terms of `value - toldApart`. */
export interface TracedMeter {
  readonly meter: TokenMeter | Outcome;
  readonly terms: readonly TraceTerm[];
  readonly sum: number;
}

/**
 * How an input meter reads: `exclusive` beside its cache meters, `inclusive` holding what they count, `unsplit` holding nobody
 * knows how much.
 */
export type InputKind = 'exclusive' | 'inclusive' | 'unsplit';

/** How the meters of one facet became its amounts in one period. */
export interface TracedRow {
  readonly facet: FacetKey;
  readonly family: string;
  readonly amounts: Amounts;
  readonly violation: boolean;
  readonly meters: readonly TracedMeter[];
  /** Of the input meter; undefined where nothing reported it. */
  readonly contract: Contract | undefined;
  readonly kind: InputKind;
  /** Whether what the cache meters count was taken out of the input meter. */
  readonly cachedTakenOut: boolean;
}

/**
 * The pure arithmetic the ledger calls inside its transaction: who the traffic is, and what its meters add up to.
 * Same arguments, same answer; nothing outside them is read.
 */
export interface Interpretation {
  /** Changes when aliases or the identity rules change: the ledger then identifies every facet anew. */
  readonly identityVersion: string;
  /** Changes when a contract switch or the arithmetic changes: the ledger then derives every period anew. */
  readonly contractVersion: string;
  /** Spans that together cover all time, oldest first. */
  identify(
    traffic: TrafficKey,
    facet: FacetKey,
    inventory: readonly InventorySpan[],
  ): readonly Identity[];
  /** Rows of every period in which any series has a value, oldest first. No column: nothing in any period. */
  derive(
    series: readonly LedgerSeries[],
    grid: Grid,
    columnOf: (seriesId: number) => SeriesColumn | undefined,
    family: (facet: FacetKey, at: Instant) => string,
  ): readonly DerivedRow[];
  /** The facets of one period as `derive` makes them, with each series' part; undefined: the series said nothing. */
  trace(
    series: readonly LedgerSeries[],
    valueOf: (seriesId: number) => number | undefined,
    familyOf: (facet: FacetKey) => string,
  ): readonly TracedRow[];
  /** Which amounts the traffic's meters tell at all, given the series known and the model's family; the rest is null. */
  reports(
    series: readonly LedgerSeries[],
    endpoint: TrafficKey['endpoint'],
    family: string,
  ): ReadonlySet<keyof Amounts>;
}
