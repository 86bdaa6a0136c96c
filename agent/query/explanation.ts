import type { ExplainedBill } from './explain-billed.ts';

/** Dollars as an exact decimal text. */
type Usd = string;

export interface ExplainedTokens {
  readonly input_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly output_tokens: number | null;
  readonly unsplit_input_tokens: number | null;
}

export interface ExplainedAmounts extends ExplainedTokens {
  readonly requests: number | null;
  readonly errors: number | null;
  readonly throttles: number | null;
}

export interface ExplainedMoney {
  /** With nine decimals; null where nothing has a price. */
  readonly cost_usd: Usd | null;
  readonly cost_low_usd: Usd | null;
  readonly cost_high_usd: Usd | null;
  readonly unpriced_tokens: number;
}

/** One term of the sum that makes an amount. */
export interface ExplainedTerm {
  readonly sign: '+' | '-';
  readonly count: number;
  /** A reading by its id, or the amount that is taken out. */
  readonly of: string;
  readonly says: string;
}

/** `input_tokens = 12,000 (InputTokenCount sum) - 3,000 (cache_read_tokens)` */
export interface ExplainedSum {
  readonly amount: keyof ExplainedAmounts;
  readonly value: number;
  readonly terms: readonly ExplainedTerm[];
  readonly text: string;
}

export interface ExplainedIdentity {
  readonly cloud: string;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly endpoint: string;
  readonly model: string;
  readonly model_version: string;
  readonly vendor_model: string;
  readonly deployment: string;
  readonly routing: string;
  readonly tier: string;
  readonly team: string;
  readonly confidence: string;
  readonly identified_by: string;
}

export interface ExplainedPrice {
  readonly token_type: string;
  /** Whether the best rate is this price; the others make its range. */
  readonly best: boolean;
  readonly source: string;
  readonly source_version: string;
  readonly reference: string;
  /** Null: its source does not date it. */
  readonly effective_from: string | null;
  /** When the price, or another that it is weighed against, ends; null: until further notice. */
  readonly effective_to: string | null;
  /** What the row is for: not the token type where cache writes cost what input costs; null of a discount. */
  readonly price_of: string | null;
  readonly context_band: string;
  readonly cache_ttl: string;
  readonly scope: Readonly<Record<string, string>>;
  /** Before any factor; null of a discount. */
  readonly usd: Usd | null;
  readonly per: 'million_tokens' | 'unit_hour';
  /** Of the price that is taken, or of a discount what is left to pay. */
  readonly factor: string;
}

export interface ExplainedRate {
  readonly token_type: string;
  readonly context_band: 'any' | 'short' | 'long';
  readonly low_usd_per_million: Usd;
  readonly usd_per_million: Usd;
  readonly high_usd_per_million: Usd;
  /** `2.5 x 1.1 = 2.75`: how the best rate comes from its price rows; null where no such product is it. */
  readonly text: string | null;
}

/** What tokens of an identity cost over a span of time. */
export interface ExplainedCard {
  readonly id: string;
  /** Null: ever since. */
  readonly from: string | null;
  /** Null: until further notice. */
  readonly to: string | null;
  readonly threshold_tokens: number | null;
  readonly prices: readonly ExplainedPrice[];
  readonly rates: readonly ExplainedRate[];
  /** Why some or all of it has no price; null: all has. */
  readonly unpriced: string | null;
}

export interface ExplainedLine {
  readonly token_type: string;
  readonly tokens: number;
  /** Null: no price. */
  readonly low_usd_per_million: Usd | null;
  readonly usd_per_million: Usd | null;
  readonly high_usd_per_million: Usd | null;
  /** Tokens times the best rate, over a million, exact. */
  readonly usd: Usd | null;
}

/** One row of the ledger: a minute, or an hour that was read or kept as one. */
export interface ExplainedPeriod extends ExplainedAmounts, ExplainedMoney {
  readonly time: string;
  readonly period_seconds: number;
  readonly card: string | null;
  /** `short`: no request passed the threshold; `either`: any of them may have. */
  readonly context_band: 'any' | 'short' | 'either' | null;
  /** No request had more input tokens; null where no meter tells. */
  readonly most_input_tokens: number | null;
  readonly lines: readonly ExplainedLine[];
  /** Whether this arithmetic gives what the ledger holds. */
  readonly agrees: boolean;
}

export interface Said {
  readonly word: string;
  readonly explanation: string;
}

export interface ExplainedShare {
  readonly of: string;
  /** `0.62` */
  readonly share: string;
}

/**
 * Where what is taken to hold, between low and high, comes from. `not_needed`: the cost is exact; `no_bills`: nothing to learn
 * from; `not_learnt`: bills are there and taught nothing for it.
 */
export interface ExplainedCalibration {
  readonly state: 'not_needed' | 'no_bills' | 'not_learnt' | 'calibrated';
  readonly explanation: string;
  /** Null unless calibrated. */
  readonly learnt: {
    readonly method: 'trimmed_mean_of_days';
    /** The billed days that taught it. */
    readonly from: string;
    readonly to: string;
    readonly days: number;
    /** From their end to the figure. */
    readonly age_days: number;
    readonly learnt_at: string;
    readonly holds_from: string;
    readonly shares: readonly ExplainedShare[];
  } | null;
}

/** One deployment or model under one tier: what the ledger keeps apart. */
export interface ExplainedPart extends ExplainedAmounts, ExplainedMoney {
  readonly id: string;
  readonly identity: ExplainedIdentity;
  readonly contracts: readonly Said[];
  readonly sums: readonly ExplainedSum[];
  readonly cards: readonly ExplainedCard[];
  readonly periods: readonly ExplainedPeriod[];
  readonly reasons: readonly Said[];
  readonly calibration: ExplainedCalibration;
  readonly notes: readonly string[];
}

export interface ExplainedPoint {
  readonly time: string;
  readonly values: Readonly<Record<string, number>>;
  /** When a later read missed it; the ledger keeps it. */
  readonly vanished_at: string | null;
}

export interface ExplainedReading {
  readonly id: string;
  readonly target: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly measure: string;
  /**
   * `counted` in this figure, `elsewhere` in another one of the same traffic; `told_apart`: finer ones count it;
   * `repeated`: another meter says the same; `silent`: it said nothing.
   */
  readonly role: 'counted' | 'elsewhere' | 'told_apart' | 'repeated' | 'silent';
  readonly period_seconds: number;
  readonly points: readonly ExplainedPoint[];
  /** The read-whole span that it lies in; null: it was not read. */
  readonly read: {
    readonly from: string;
    readonly to: string;
    readonly last_read_at: string;
    readonly settled: boolean;
  } | null;
}

export interface ExplainedCommand {
  readonly reads: readonly string[];
  /** Where it runs. */
  readonly note: string;
  readonly command: string;
  /** Its words, each with its option, quoted for a POSIX shell. */
  readonly words: readonly string[];
}

/** One figure walked back. */
export interface Explanation extends ExplainedAmounts, ExplainedMoney {
  readonly model: string;
  readonly time: string;
  readonly end: string;
  readonly step: '1m' | '1h';
  readonly settled: boolean;
  /** Whether readings, contract and prices give to the nano-dollar what the ledger holds. */
  readonly agrees: boolean;
  readonly parts: readonly ExplainedPart[];
  readonly readings: readonly ExplainedReading[];
  readonly revisions: readonly {
    readonly at: string;
    readonly from: string;
    readonly to: string;
  }[];
  readonly rounding: string;
  readonly billed: ExplainedBill;
  readonly commands: readonly ExplainedCommand[];
}
