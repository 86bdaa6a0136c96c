import type { AuditClass } from '../core/audit.ts';
import type { RecordType } from '../core/bill.ts';
import type { NanoUsd } from '../core/money.ts';
import type { CachedReading } from './cached.ts';
import type { CostRange } from './rates.ts';
import { nearRange, nearTokens } from './tolerance.ts';

/** What decides the class of a row. */
export interface Comparison {
  /** Null: nothing is billed. */
  readonly recordType: RecordType | null;
  /** Counts tokens of a model. */
  readonly countsTokens: boolean;
  /** The bill's day is final and the meters' day read whole. */
  readonly comparable: boolean;
  /** Tokens; null: no meter was read. */
  readonly metered: number | null;
  /** Tokens; null: the bill tells none. */
  readonly billed: number | null;
  readonly cached: CachedReading['kind'] | null;
  /** Of the metered tokens; null: no price. */
  readonly cost: CostRange | null;
  /** Null: no rate of its currency. */
  readonly billedNanoUsd: NanoUsd | null;
  /** The meters tell less apart than the bill, or more. */
  readonly shared: boolean;
}

export interface Rule {
  readonly class: AuditClass;
  readonly holds: (row: Comparison) => boolean;
  /** A row of this class, with a sentence. */
  readonly example: { readonly says: string; readonly row: Comparison };
}

/** A million input tokens at $5.00, in line. */
const plain: Comparison = {
  recordType: 'usage',
  countsTokens: true,
  comparable: true,
  metered: 1_000_000,
  billed: 1_000_000,
  cached: null,
  cost: { low: 5_000_000_000n, best: 5_000_000_000n, high: 5_000_000_000n },
  billedNanoUsd: 5_000_000_000n,
  shared: false,
};

/** The first rule that holds gives the class; the last one always does. */
export const rules: readonly Rule[] = [
  {
    class: 'discount',
    holds: ({ recordType }) => recordType === 'discount',
    example: { says: 'a contract takes $0.50 off', row: billedAs('discount', -500_000_000n) },
  },
  {
    class: 'credit',
    holds: ({ recordType }) => recordType === 'credit',
    example: { says: 'a promotional credit of $5.00', row: billedAs('credit', -5_000_000_000n) },
  },
  {
    class: 'refund',
    holds: ({ recordType }) => recordType === 'refund',
    example: { says: 'the vendor gives $8.00 back', row: billedAs('refund', -8_000_000_000n) },
  },
  {
    class: 'adjustment',
    holds: ({ recordType }) => recordType === 'adjustment',
    example: { says: 'the vendor rounds by a cent', row: billedAs('adjustment', 10_000_000n) },
  },
  {
    class: 'no_token_meter',
    holds: ({ recordType, countsTokens }) =>
      recordType !== null && (recordType !== 'usage' || !countsTokens),
    example: {
      says: 'a day of hosting a fine-tuned model',
      row: { ...billedAs('usage', 40_800_000_000n), countsTokens: false },
    },
  },
  {
    class: 'not_final',
    holds: ({ comparable }) => !comparable,
    example: {
      says: 'yesterday, half of which is billed so far',
      row: { ...plain, comparable: false, billed: 500_000, billedNanoUsd: 2_500_000_000n },
    },
  },
  {
    class: 'missing_bill',
    holds: ({ recordType }) => recordType === null,
    example: {
      says: 'metered tokens on a day whose final bill does not name them',
      row: { ...plain, recordType: null, billed: null, billedNanoUsd: null },
    },
  },
  {
    class: 'unseen_traffic',
    holds: ({ metered }) => metered === null,
    example: {
      says: 'a bill for a region that is not collected',
      row: { ...plain, metered: null, cost: null },
    },
  },
  {
    class: 'cached_rated_twice',
    holds: ({ cached }) => cached === 'twice',
    example: {
      says: '900,000 cached tokens billed as input too, beside a cache meter of their own',
      row: { ...plain, metered: 100_000, cached: 'twice' },
    },
  },
  {
    class: 'cached_ambiguous',
    holds: ({ cached }) => cached === 'ambiguous',
    example: {
      says: 'the same, where nobody confirmed that the input meter counts cached tokens',
      row: { ...plain, metered: 100_000, cached: 'ambiguous' },
    },
  },
  {
    class: 'unseen_traffic',
    holds: ({ metered, billed }) =>
      billed !== null && metered !== null && billed > metered && !nearTokens(billed, metered),
    example: {
      says: 'a million tokens billed, 900,000 of them metered',
      row: { ...plain, metered: 900_000 },
    },
  },
  {
    class: 'missing_bill',
    holds: ({ metered, billed }) =>
      billed !== null && metered !== null && billed < metered && !nearTokens(billed, metered),
    example: {
      says: 'a million tokens metered, 900,000 of them billed',
      row: { ...plain, billed: 900_000, billedNanoUsd: 4_500_000_000n },
    },
  },
  {
    class: 'currency',
    holds: ({ billedNanoUsd }) => billedNanoUsd === null,
    example: { says: 'EUR without a configured rate', row: { ...plain, billedNanoUsd: null } },
  },
  {
    class: 'unpriced',
    holds: ({ cost }) => cost === null,
    example: { says: 'a model that no price list names', row: { ...plain, cost: null } },
  },
  {
    class: 'price_or_tier_differs',
    holds: ({ cost, billedNanoUsd }) =>
      cost !== null && billedNanoUsd !== null && !nearRange(billedNanoUsd, cost.low, cost.high),
    example: {
      says: 'the same million tokens at $10.00, the price of priority',
      row: { ...plain, billedNanoUsd: 10_000_000_000n },
    },
  },
  {
    class: 'allocated',
    holds: ({ shared }) => shared,
    example: {
      says: "one deployment's meter against a bill of two context bands, in line as a sum",
      row: { ...plain, shared: true },
    },
  },
  {
    class: 'in_line',
    holds: () => true,
    example: {
      says: 'a difference of 0.4 %',
      row: { ...plain, billed: 1_004_000, billedNanoUsd: 5_020_000_000n },
    },
  },
];

function billedAs(recordType: RecordType, billedNanoUsd: NanoUsd): Comparison {
  return { ...plain, recordType, billedNanoUsd, metered: null, billed: null, cost: null };
}

export function classOf(row: Comparison): AuditClass {
  return rules.find(({ holds }) => holds(row))?.class ?? 'in_line';
}

/** Whether a class leaves dollars that nothing explains. `pending`: nobody can say yet. */
export const classMeaning: Readonly<
  Record<AuditClass, { readonly means: string; readonly leaves: 'nothing' | 'drift' | 'pending' }>
> = {
  in_line: { means: 'Meters and bill agree within 0.5 %.', leaves: 'nothing' },
  allocated: {
    means: 'They agree as a sum; meters and bill tell different things apart.',
    leaves: 'nothing',
  },
  not_final: {
    means: 'The day is not final: the bill may still change, or not all meters were read.',
    leaves: 'pending',
  },
  cached_rated_twice: {
    means: 'Cached tokens are billed at the input price and again on their own meters.',
    leaves: 'drift',
  },
  cached_ambiguous: {
    means: 'Cached tokens are billed twice if the input meter counts them; nobody confirmed it.',
    leaves: 'drift',
  },
  unseen_traffic: {
    means: 'Billed and not metered: a namespace, region or account that is not collected.',
    leaves: 'drift',
  },
  missing_bill: { means: 'Metered and not on the final bill.', leaves: 'nothing' },
  price_or_tier_differs: {
    means: 'The quantity agrees, the money does not: another price or tier was billed.',
    leaves: 'drift',
  },
  unpriced: { means: 'Metered and billed, but no price is known to check it by.', leaves: 'drift' },
  currency: {
    means: 'Billed in a currency without a configured rate; never added to dollars.',
    leaves: 'nothing',
  },
  no_token_meter: {
    means: 'Billed for what no token meter counts: capacity, hosting, guardrails, storage, tax.',
    leaves: 'nothing',
  },
  discount: { means: 'What a contract takes off.', leaves: 'nothing' },
  credit: { means: 'A credit of the vendor.', leaves: 'nothing' },
  refund: { means: 'Money the vendor gave back.', leaves: 'nothing' },
  adjustment: { means: 'A correction or rounding by the vendor.', leaves: 'nothing' },
};
