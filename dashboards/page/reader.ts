import type { Silence, TrackedAlert } from '../../agent/core/alert.ts';
import type { AuditSummary } from '../../agent/core/audit.ts';
import type { BudgetStatus } from '../../agent/core/budget.ts';
import type { Dimension } from '../../agent/core/dimension.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import type { PageExplanation } from './explanation.ts';

/** An answer, or in a sentence for people why there is none. */
export type Told<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string };

/** Conditions that must all hold: one of the patterns each, a trailing `*` for any rest. */
export type PageFilters = ReadonlyMap<Dimension, readonly string[]>;

export interface UsageQuestion {
  readonly range: Window;
  /** The length of a bucket in milliseconds; `total`: the whole range is one. */
  readonly stepMs: number | 'total';
  readonly groupBy: readonly Dimension[];
  readonly filters: PageFilters;
}

/** What was used and what it costs. Null is not zero: it was not looked at, or no contributor tells it. */
export interface UsageFigures {
  readonly input_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly output_tokens: number | null;
  readonly unsplit_input_tokens: number | null;
  readonly requests: number | null;
  readonly errors: number | null;
  readonly throttles: number | null;
  readonly cost_usd: number | null;
  readonly cost_low_usd: number | null;
  readonly cost_high_usd: number | null;
  readonly cost_method: string | null;
  readonly unpriced_tokens: number | null;
  /** Share of the time that was read after the last change the cloud may make, 0 to 1. */
  readonly settled: number | null;
}

/** A column of `groupBy` each beside the figures. */
export type UsageRow = { readonly time: string } & UsageFigures &
  Readonly<Record<string, string | number | null>>;

export interface UsageAnswer {
  /** By time, then by group values. */
  readonly rows: readonly UsageRow[];
  /** The end of the newest span of the range that was read; null where none was. */
  readonly newest: Instant | null;
}

interface LatencyFigures {
  readonly phase: string;
  readonly count: number | null;
  readonly avg_ms: number | null;
  readonly max_ms: number | null;
  /** Null where more than one reading is in the row: percentiles are never merged. */
  readonly p90_ms: number | null;
}

export type LatencyRow = { readonly time: string } & LatencyFigures &
  Readonly<Record<string, string | number | null>>;

/** What something costs now and cost before, and what made the difference, in dollars. The parts add up to the change. */
export type ChangeRow = {
  /** Null: not read, or nothing of it has a price. */
  readonly cost_usd: number | null;
  readonly cost_before_usd: number | null;
  /** Null, as all the parts then are, where one of the costs is. */
  readonly change_usd: number | null;
  readonly price_usd: number | null;
  readonly volume_usd: number | null;
  readonly mix_usd: number | null;
  readonly new_usd: number | null;
  readonly gone_usd: number | null;
  readonly capacity_usd: number | null;
  /** What cannot be compared, for it was not read, or has no price, in one of the ranges. */
  readonly unknown_usd: number | null;
  /** The part that moves the cost most. */
  readonly why: string;
  /** Something of it was not read in one of the ranges. */
  readonly incomplete: boolean;
  readonly tokens_before: number | null;
  /** Share of the time before that was read, 0 to 1. */
  readonly covered_before: number;
} & Readonly<Record<string, string | number | boolean | null>>;

/** One target of a source, or an exporter. */
export interface SourceRow {
  readonly source: string;
  readonly target: string;
  readonly cloud: string | null;
  readonly state: 'ok' | 'failing' | 'waiting';
  readonly last_success: string | null;
  readonly watermark: string | null;
  readonly lag_seconds: number | null;
  readonly reason: string | null;
  readonly operation: string | null;
  readonly hint: string | null;
  readonly message: string | null;
  readonly failed_at: string | null;
  readonly series: number;
  readonly api_calls_today: number;
  readonly api_cost_usd_today: number;
  readonly cadence_seconds: number;
  readonly next_poll: string | null;
  readonly slowed: string | null;
  readonly irregularities: number;
  readonly irregularity_kinds: string;
}

/** A budget with what it holds; undefined where that cannot be asked for. */
export interface PageBudget extends BudgetStatus {
  readonly filters: PageFilters | undefined;
}

/** An alert with what became of it, oldest first. */
export interface PageAlert extends TrackedAlert {
  readonly events: readonly {
    readonly at: Instant;
    readonly from: string;
    readonly to: string;
    readonly note: string;
  }[];
}

/** A message to one notifier, as the outbox keeps it. */
export interface DeliveryRow {
  readonly id: string;
  readonly notifier: string;
  /** `alert.firing`, `alert.resolved` and so on. */
  readonly type: string;
  /** `dead`: given up, and sent again by hand only. */
  readonly state: 'waiting' | 'delivered' | 'dead';
  readonly attempts: number;
  readonly created: string;
  readonly next_try: string | null;
  readonly delivered: string | null;
  /** HTTP status of the last answer. */
  readonly last_status: number | null;
  /** Its first bytes, or why there was none. */
  readonly last_answer: string;
  /** Alerts in the message. */
  readonly alerts: number;
}

/** One minute or hour of a model. */
export interface ExplainQuestion {
  readonly model: string;
  readonly at: Instant;
  readonly step: '1m' | '1h';
  readonly filters: PageFilters;
}

/**
 * What the page asks, for one asker: every answer is within what the asker may see, and is what the API answers to the same
 * asker. Nothing throws for what is refused or broken; the answer says why.
 */
export interface PageReader {
  usage(question: UsageQuestion): Promise<Told<UsageAnswer>>;
  latency(question: UsageQuestion): Promise<Told<readonly LatencyRow[]>>;
  /** The range against one of the same length before it, largest change first. */
  changes(
    range: Window,
    before: Window,
    by: Dimension,
    filters: PageFilters,
  ): Promise<Told<readonly ChangeRow[]>>;
  /** In their present periods. */
  budgets(): Promise<Told<readonly PageBudget[]>>;
  /** What is active first, then what was active last. */
  alerts(): Promise<Told<readonly PageAlert[]>>;
  silences(): Promise<Told<readonly Silence[]>>;
  /** The newest ones, newest first. */
  deliveries(): Promise<Told<readonly DeliveryRow[]>>;
  sources(): Promise<Told<readonly SourceRow[]>>;
  /** Meters against bills of the last thirty days. */
  audit(): Promise<Told<AuditSummary>>;
  explain(question: ExplainQuestion): Promise<Told<PageExplanation>>;
}

export interface SilenceWish {
  /** A label and what it equals each. */
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
  readonly hours: number;
  readonly by: string;
  readonly comment: string;
}

/** What the page changes, for one asker; each answer says what was done. */
export interface PageActions {
  acknowledge(fingerprint: string, by: string, note: string): Promise<Told<string>>;
  silence(wish: SilenceWish): Promise<Told<string>>;
  endSilence(id: string): Promise<Told<string>>;
  retryDelivery(id: string): Promise<Told<string>>;
}

/** Who looks, and by which door things are asked and done. */
export interface PageVisit {
  readonly reader: PageReader;
  /** Absent: this asker may change nothing. */
  readonly actions?: PageActions | undefined;
  /** Who is logged in; absent: nobody has to. */
  readonly user?: string | undefined;
}
