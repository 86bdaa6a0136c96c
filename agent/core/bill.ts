import type { Cloud } from './cloud.ts';
import type { ApiCost, ScopeFailure } from './collector.ts';
import type { Routing, Tier } from './dimension.ts';
import type { Permission } from './permission.ts';
import type { CacheTtl, ContextBand, PriceItem } from './price.ts';
import type { SkipReason } from './price-list.ts';
import type { Instant, Window } from './time.ts';

/**
 * Where a billed line comes from, the most detailed first: of one account's day the first of these that tells it is the bill,
 * and they are never added up.
 */
export const billSources = [
  'aws_cur',
  'focus',
  'aws_cost_explorer',
  'azure_cost_management',
  'aws_estimated_charges',
] as const;
export type BillSource = (typeof billSources)[number];

/**
 * What an amount is for. `usage` is what was used, at the price before credits; `purchase` a commitment's own fee (a
 * reservation, a savings plan, provisioned throughput by the month); `discount` what a contract takes off; `adjustment` what
 * a vendor corrects or rounds.
 */
export const recordTypes = [
  'usage',
  'purchase',
  'discount',
  'credit',
  'refund',
  'tax',
  'fee',
  'adjustment',
] as const;
export type RecordType = (typeof recordTypes)[number];

/** What a billed meter counts, as the catalog of its cloud's names knows it. */
export interface MeterMeaning {
  /** Canonical: `openai/gpt-5.4`. */
  readonly model: string;
  /** Empty where the name does not say. */
  readonly modelVersion: string;
  readonly item: PriceItem;
  /** Empty where the name does not say. */
  readonly routing: Routing | '';
  readonly tier: Tier;
  readonly band: ContextBand;
  readonly cacheTtl: CacheTtl;
  /** Tokens, or unit-hours, that one unit of the billed quantity stands for: 1, 1,000 or 1,000,000. */
  readonly perUnit: number;
}

/** One billed amount of one UTC day, kept as it came. */
export interface BillLine {
  /** Its start. */
  readonly day: Instant;
  /** The account that used it (AWS), or the subscription (Azure). */
  readonly account: string;
  /** As in `Target`: lower case, no spaces; empty where the bill does not say. */
  readonly region: string;
  /** As in `Target`: the Azure account's name, lower case; empty on AWS, and where the bill does not say. */
  readonly resource: string;
  /** In the vendor's words: `Amazon Bedrock`, `Foundry Models`. */
  readonly service: string;
  /** In the vendor's words: a usage type, a meter's name. */
  readonly meter: string;
  /** The meter's id where there is one: Azure's `ResourceGuid`, a SKU; else empty. */
  readonly meterId: string;
  /** Or why it is no meter of a model. */
  readonly meaning: MeterMeaning | SkipReason;
  /** Decimal text, in `unit`s; null where the bill tells none. */
  readonly quantity: string | null;
  readonly unit: string;
  /** What is charged, as decimal text in `currency`; negative of credits and refunds. */
  readonly cost: string;
  /** The same with commitments spread over their time; null where the source does not tell it. */
  readonly amortizedCost: string | null;
  /** ISO 4217: `USD`. */
  readonly currency: string;
  readonly recordType: RecordType;
}

/** Everything one source says of one scope over whole days: it replaces what the same source said of them before. */
export interface BillStatement {
  readonly source: BillSource;
  readonly cloud: Cloud;
  /** What was asked: `prod-aws/111122223333`, an imported file's billing account. Unique over all sources of one kind. */
  readonly scope: string;
  /** Whole UTC days. */
  readonly days: Window;
  /** Days of it that end at or before this are not expected to change; a later statement changes them all the same. */
  readonly finalUntil: Instant;
  readonly fetchedAt: Instant;
  /** Of days in `days` only. */
  readonly lines: readonly BillLine[];
}

/** A payer, an account or a subscription whose bill can be asked for. */
export interface BillScope {
  readonly source: BillSource;
  /** As `BillStatement.scope`. */
  readonly scope: string;
  readonly account: string;
  /** How far back the vendor tells it. Seconds. */
  readonly reachSeconds: number;
  /** How often asking again is worth it, by what the vendor says of its refreshing. Seconds. */
  readonly everySeconds: number;
  /** The longest span that one call may ask for. Seconds. */
  readonly longestSeconds: number;
}

/**
 * What a scope is called among targets, failures and API calls: `prod-aws/111122223333/bills/aws_cost_explorer`. No target of
 * usage is called so.
 */
export function billTarget({ source, scope }: Pick<BillScope, 'source' | 'scope'>): string {
  return `${scope}/bills/${source}`;
}

export interface BillScopes {
  readonly scopes: readonly BillScope[];
  readonly failures: readonly ScopeFailure[];
}

/** Brings bills in. Holds no schedule, no storage and no retry loop. */
export interface BillCollector {
  /** The source's name in the configuration. */
  readonly name: string;
  readonly cloud: Cloud;
  /** Throws only when nothing at all could be looked at. */
  scopes(signal: AbortSignal): Promise<BillScopes>;
  /**
   * The first day that the vendor may still change, as of now: everything from it on is asked for again. The start of a
   * UTC day.
   */
  openFrom(scope: BillScope, now: Instant): Instant;
  /** The whole statement of the days, or a throw (ExternalError): never part of it. */
  fetch(scope: BillScope, days: Window, signal: AbortSignal): Promise<BillStatement>;
  /** What one statement of those days costs at the vendor's list price, before it is asked for; absent: nothing. */
  price?(scope: BillScope, days: Window): ApiCost;
  /** As `Collector.probe`, for the rights that bills need. */
  probe(signal: AbortSignal): Promise<readonly Permission[]>;
  close(): Promise<void>;
}

/** What a billed meter's name means in its cloud; the reason where it is none of a model. */
export type MeaningOf = (line: {
  readonly service: string;
  readonly meter: string;
  readonly unit: string;
  /** Azure's product (`meterSubCategory`), where the bill tells it; empty else. */
  readonly product: string;
}) => MeterMeaning | SkipReason;
