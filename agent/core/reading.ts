import type { Cloud, Labels } from './cloud.ts';
import type { Tier } from './dimension.ts';
import type { Contract, Level, Measure, Statistic } from './meter.ts';
import type { Instant } from './time.ts';

/** A series under the vendor's identity: what two polls of one meter agree on. */
export interface SeriesKey {
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly namespace: string;
  readonly metric: string;
  /** Sorted by name; names in the catalog's spelling, values as the vendor says them. */
  readonly dimensions: Labels;
}

export type Endpoint = 'runtime' | 'mantle' | 'azure';

/**
 * The traffic a series measures: every series of one ModelId, or of one deployment, shares it. It says what the
 * vendor calls the thing, never what we make of it.
 */
export interface TrafficKey {
  readonly cloud: Cloud;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly endpoint: Endpoint;
  /** `ModelId`, `Model`; on Azure empty, for there the deployment stands for it. */
  readonly vendorModel: string;
  /** Azure deployment, Mantle project; empty elsewhere. */
  readonly deployment: string;
}

/** What of a traffic one series tells apart. Empty string: the series does not tell. */
export interface FacetKey {
  readonly tier: Tier | '';
  readonly modelName: string;
  readonly modelVersion: string;
}

/** One text for one facet of a traffic. */
export function facetName({ tier, modelName, modelVersion }: FacetKey): string {
  return `${tier}|${modelName}|${modelVersion}`;
}

/** A series with what its meter means. */
export interface Series {
  readonly key: SeriesKey;
  readonly traffic: TrafficKey;
  readonly facet: FacetKey;
  /** `by_status` is resolved to an outcome here. */
  readonly measure: Measure;
  readonly contract: Contract;
  readonly level: Level;
  /** Where several series of a traffic count the same: the lowest rank that reports a period claims it. */
  readonly rank: number;
  readonly settleSeconds: number;
}

/** One series' values over a window, columnar: `columns[s][i]` belongs to `starts[i]`; null where the vendor said nothing. */
export interface Readings {
  readonly series: Series;
  readonly unitKey: string;
  readonly periodSeconds: number;
  readonly starts: readonly Instant[];
  readonly columns: Readonly<Partial<Record<Statistic, readonly (number | null)[]>>>;
}

export type RejectReason =
  | 'not_a_number'
  | 'negative'
  | 'fractional'
  | 'misaligned'
  | 'outside_window'
  | 'unknown_dimensions'
  | 'unknown_statistic'
  | 'unknown_row';

export interface Rejection {
  readonly reason: RejectReason;
  readonly count: number;
  /** One of them, for a person: metric, dimensions, time, value. */
  readonly example: string;
}
