/** What one figure is walked back to, as far as the page shows it. Dollars are exact decimal texts. */
interface ExplainedMoney {
  readonly cost_usd: string | null;
  readonly cost_low_usd: string | null;
  readonly cost_high_usd: string | null;
  readonly unpriced_tokens: number;
}

interface Said {
  readonly word: string;
  readonly explanation: string;
}

export interface ExplainedPrice {
  readonly token_type: string;
  readonly best: boolean;
  readonly source: string;
  readonly source_version: string;
  readonly reference: string;
  readonly effective_from: string | null;
  readonly usd: string | null;
  readonly per: 'million_tokens' | 'unit_hour';
  readonly factor: string;
  readonly scope: Readonly<Record<string, string>>;
}

export interface ExplainedCard {
  readonly id: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly prices: readonly ExplainedPrice[];
  readonly unpriced: string | null;
}

export interface ExplainedLine {
  readonly token_type: string;
  readonly tokens: number;
  readonly low_usd_per_million: string | null;
  readonly usd_per_million: string | null;
  readonly high_usd_per_million: string | null;
  readonly usd: string | null;
}

export interface ExplainedPeriod extends ExplainedMoney {
  readonly time: string;
  readonly period_seconds: number;
  readonly card: string | null;
  readonly lines: readonly ExplainedLine[];
  readonly agrees: boolean;
}

export interface ExplainedPart extends ExplainedMoney {
  readonly id: string;
  readonly identity: Readonly<{
    cloud: string;
    account: string;
    region: string;
    resource: string;
    endpoint: string;
    model: string;
    model_version: string;
    vendor_model: string;
    deployment: string;
    routing: string;
    tier: string;
    team: string;
    identified_by: string;
  }>;
  readonly contracts: readonly Said[];
  readonly sums: readonly { readonly amount: string; readonly text: string }[];
  readonly cards: readonly ExplainedCard[];
  readonly periods: readonly ExplainedPeriod[];
  readonly reasons: readonly Said[];
  readonly calibration: { readonly state: string; readonly explanation: string };
  readonly notes: readonly string[];
}

export interface ExplainedReading {
  readonly id: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly role: 'counted' | 'elsewhere' | 'told_apart' | 'repeated' | 'silent';
  readonly period_seconds: number;
  readonly points: readonly {
    readonly time: string;
    readonly values: Readonly<Record<string, number>>;
  }[];
  readonly read: { readonly last_read_at: string; readonly settled: boolean } | null;
}

/** A line of the bill, or why there is none. */
export interface ExplainedBill {
  readonly state: string;
  readonly explanation: string;
}

export interface PageExplanation extends ExplainedMoney {
  readonly model: string;
  readonly time: string;
  readonly end: string;
  readonly step: '1m' | '1h';
  readonly settled: boolean;
  readonly agrees: boolean;
  readonly requests: number | null;
  readonly parts: readonly ExplainedPart[];
  readonly readings: readonly ExplainedReading[];
  readonly rounding: string;
  readonly billed: ExplainedBill;
  readonly commands: readonly {
    readonly reads: readonly string[];
    readonly note: string;
    readonly command: string;
  }[];
  readonly revisions: readonly { readonly at: string }[];
}
