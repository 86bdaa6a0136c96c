import type { Cloud } from './cloud.ts';
import type { Contract } from './meter.ts';
import type { PriceItem } from './price.ts';
import type { Instant, Window } from './time.ts';

/** What a difference between meters and bill is, the whole list. */
export const auditClasses = [
  'in_line',
  'allocated',
  'not_final',
  'cached_rated_twice',
  'cached_ambiguous',
  'unseen_traffic',
  'missing_bill',
  'price_or_tier_differs',
  'unpriced',
  'currency',
  'no_token_meter',
  'discount',
  'credit',
  'refund',
  'adjustment',
] as const;
export type AuditClass = (typeof auditClasses)[number];

/** One billed meter, or one metered item without a bill, on one UTC day. Drift is billed less metered. */
export interface AuditRow {
  /** `2026-10-31` */
  readonly day: string;
  readonly cloud: Cloud;
  readonly account: string;
  readonly resource: string;
  readonly region: string;
  /** Canonical; empty of what is no meter of a model. */
  readonly model: string;
  /** In the bill's words; of what no bill line answers, the item and the traffic it was metered for. */
  readonly meter: string;
  /** Null of what is not counted in tokens or hours of capacity. */
  readonly token_type: PriceItem | null;
  /** Tokens; null where no meter was read, which is not zero. */
  readonly metered_quantity: number | null;
  /** Tokens; null where the bill tells none. */
  readonly billed_quantity: number | null;
  /** Tokens. What is on one side only counts whole. */
  readonly drift_quantity: number | null;
  /** Of the metered quantity. */
  readonly drift_ratio: number | null;
  /** Dollars: metered quantity at the prices of the day. */
  readonly metered_cost: number | null;
  /** In `currency`. */
  readonly billed_cost: number | null;
  /** Dollars; null where there is nothing to compare, or no rate of the currency. */
  readonly drift_usd: number | null;
  readonly currency: string;
  readonly class: AuditClass;
  /** What is taken to hold. */
  readonly assumption: string;
  readonly explanation: string;
}

/** The columns of a row, in their order. */
export const auditColumns = [
  'day',
  'cloud',
  'account',
  'resource',
  'region',
  'model',
  'meter',
  'token_type',
  'metered_quantity',
  'billed_quantity',
  'drift_quantity',
  'drift_ratio',
  'metered_cost',
  'billed_cost',
  'drift_usd',
  'currency',
  'class',
  'assumption',
  'explanation',
] as const satisfies readonly (keyof AuditRow)[];

/** Dollars of a month, a cloud, or all: `billed = explained + unexplained + pending`. */
export interface AuditTotal {
  readonly name: string;
  readonly billed_usd: number;
  readonly explained_usd: number;
  readonly unexplained_usd: number;
  /** Of days that are not final, not billed yet or not read whole. */
  readonly pending_usd: number;
  /** Explained over billed, 0 to 1; null where nothing is billed. */
  readonly explained_ratio: number | null;
  /** Metered at the prices of the day, and not on a final bill. */
  readonly not_billed_usd: number;
}

export interface AuditClassTotal {
  readonly class: AuditClass;
  readonly means: string;
  readonly rows: number;
  readonly billed_usd: number;
  /** Of the rows that have a drift in dollars. */
  readonly drift_usd: number;
  readonly unexplained_usd: number;
}

/** How a model's bill stands to its meters over the range; for rules to hold against a threshold. */
export interface ModelDrift {
  readonly model: string;
  readonly cloud: Cloud;
  /** Drift over metered dollars of comparable days; null where nothing metered has a price. */
  readonly drift_ratio: number | null;
  readonly drift_usd: number;
  /** Of the largest difference; `in_line` where none is more. */
  readonly class: AuditClass;
  /** Days with a difference of that class. */
  readonly days: number;
}

export interface AuditSummary {
  /** `2026-10-01` */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  /** `October 2026: $412,310 billed, 96.6 % explained, $14,019 not` */
  readonly headline: string;
  readonly total: AuditTotal;
  readonly months: readonly AuditTotal[];
  readonly clouds: readonly AuditTotal[];
  /** Largest unexplained first. */
  readonly classes: readonly AuditClassTotal[];
  /** Single rows with the largest difference in dollars. */
  readonly largest: readonly AuditRow[];
  readonly models: readonly ModelDrift[];
  /** Billed in currencies without a configured rate; in none of the dollars above. */
  readonly other_currencies: readonly { readonly currency: string; readonly billed: number }[];
}

/** What a row can be chosen by. */
export type AuditFacts = Pick<
  AuditRow,
  'cloud' | 'account' | 'resource' | 'region' | 'model' | 'meter' | 'class'
>;

export interface Audited {
  /** How many rows there are; making them is the longer part. */
  readonly count: number;
  rows(): Promise<readonly AuditRow[]>;
  summary(): AuditSummary;
}

/** Which rows of the audit are wanted. */
export interface AuditChoice {
  /** Two that keep the same may be called the same, and two of one name keep the same. */
  readonly name: string;
  readonly keeps: (facts: AuditFacts) => boolean;
}

export const wholeAudit: AuditChoice = { name: 'all', keeps: () => true };

/** Metered against billed, over whole UTC days. */
export type Audit = (days: Window, now: Instant, choice: AuditChoice) => Promise<Audited>;

/** What the audit must know of an input meter beside the amounts it gave. */
export interface InputContractReader {
  /** By identity: the contract of its input meter; absent where it has none. */
  inputContracts(): Promise<ReadonlyMap<number, Contract>>;
}

/** Of what the audit was made from, what may be another since. Numbers that say nothing by themselves. */
export interface AuditMarks {
  /** Another one where bills, prices or names may be. */
  readonly book: number;
  /** Another one where what was used on the UTC day may be. */
  readonly usageOf: (day: Instant) => number;
}

export interface AuditMarkReader {
  readonly auditMarks: () => AuditMarks;
}
