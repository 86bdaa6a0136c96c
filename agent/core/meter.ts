export type TokenMeter = 'input' | 'cache_read' | 'cache_write' | 'output';
export type Outcome = 'accepted' | 'client_error' | 'server_error' | 'throttled';
export type Phase = 'request' | 'first_token';

/** What a number counts. Every catalog row names exactly one. */
export type Measure =
  | { readonly kind: 'tokens'; readonly meter: TokenMeter }
  | { readonly kind: 'requests'; readonly outcome: Outcome | 'by_status' }
  | { readonly kind: 'latency'; readonly phase: Phase }
  | { readonly kind: 'utilization' }
  | { readonly kind: 'quota_used' };

/**
 * What a meter's number means beside its neighbours.
 * `input_by_family`: whether cached tokens are inside depends on the model family and a switch.
 * `input_includes_cached`, `input_excludes_cached`: the vendor documents it.
 * `requests_accepted`: accepted requests, failed ones included. `requests_by_status`: one outcome a series.
 * `plain`: stands for itself.
 */
export type Contract =
  | 'input_by_family'
  | 'input_includes_cached'
  | 'input_excludes_cached'
  | 'requests_accepted'
  | 'requests_by_status'
  | 'plain';

/** `part` series are a finer view of what a `total` series of the same traffic counts already: subtracted, never added. */
export type Level = 'total' | 'part';

/** The columns a reading can carry. `sum` of a latency is never used as an amount, only for weighted means. */
export type Statistic = 'sum' | 'count' | 'min' | 'max' | 'avg' | 'p90';

/** One row of a metric catalog: what to pull and what it means. Data: it survives JSON.stringify. */
export interface CatalogRow {
  readonly id: string;
  readonly namespace: string;
  /** Spellings of one meter; where several report the same minute, the first one wins. */
  readonly metricNames: readonly string[];
  /** In the vendor's words: `Sum`, `SampleCount`, `Minimum`, `Maximum`, `p90` or `Total`, `Average`. */
  readonly statistics: readonly string[];
  /** The exact dimension set; another set is another row. A trailing `?` marks one that is used where the cloud offers it. */
  readonly dimensions: readonly string[];
  readonly measure: Measure;
  readonly contract: Contract;
  readonly level: Level;
  /** Meters of one traffic that say the same twice share a traffic; the lowest number that reports a minute claims it. */
  readonly vocabulary: number;
  readonly periodSeconds: number;
  /** How long after a period's end the vendor may still change it. */
  readonly settleSeconds: number;
  /** URL of what the vendor says. */
  readonly source: string;
}
