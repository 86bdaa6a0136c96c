import { dayMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { TokenItem } from '../../agent/core/price.ts';
import type { BilledAmount } from './billed-amount.ts';

/** Ways for a bill to differ from what was used, each of which an audit should find or explain. */
export const defectKinds = [
  /** The input meter is charged with all metered input, the cached tokens among it, and these besides. */
  'cached_rated_twice',
  /** Everything is charged at 110 % of the list price. */
  'price_differs',
  /** A tenth is credited. */
  'credit',
  /** A quarter is refunded. */
  'refund',
  /** From two days after it was billed first, a day is charged with 5 % more. */
  'restated',
  /** A quarter more is charged than went through any meter. */
  'unseen_traffic',
] as const;
export type DefectKind = (typeof defectKinds)[number];

export interface BillDefect {
  readonly kind: DefectKind;
  /** A lane's id. */
  readonly lane: string;
  /** The first UTC day that is billed so. */
  readonly from: Instant;
}

/** The demo's: the deployment whose cached tokens are charged twice, always. */
export const demoDefects: readonly BillDefect[] = [
  {
    kind: 'cached_rated_twice',
    lane: 'azure/00000000-0000-0000-0000-000000000001/aoai-east/gpt-5.6-sol',
    from: 0,
  },
];

type Change = (amounts: readonly BilledAmount[], asOf: Instant) => readonly BilledAmount[];

const changes: Readonly<Record<DefectKind, Change>> = {
  cached_rated_twice: (amounts) =>
    amounts.map((amount) =>
      isUsage(amount) && amount.item === 'input'
        ? {
            ...amount,
            tokens:
              amount.tokens +
              tokensOf(amounts, amount, 'cache_read') +
              tokensOf(amounts, amount, 'cache_write'),
          }
        : amount,
    ),
  price_differs: (amounts) =>
    amounts.map((amount) => ({ ...amount, ratePpm: (amount.ratePpm * 11) / 10 })),
  credit: (amounts) => [...amounts, ...given(amounts, 'credit', 10)],
  refund: (amounts) => [...amounts, ...given(amounts, 'refund', 4)],
  restated: (amounts, asOf) =>
    amounts.map((amount) => (asOf < amount.day + 4 * dayMs ? amount : times(amount, 1.05))),
  unseen_traffic: (amounts) => amounts.map((amount) => times(amount, 1.25)),
};

/** One lane's day with what is wrong of it, in the order of the list of defects. */
export function amountsWith(
  defects: readonly BillDefect[],
  ofLane: readonly BilledAmount[],
  asOf: Instant,
): readonly BilledAmount[] {
  const [first] = ofLane;
  if (first === undefined) return [];
  return defects
    .filter(({ lane, from }) => lane === first.lane.id && from <= first.day)
    .reduce((amounts, { kind }) => changes[kind](amounts, asOf), ofLane);
}

function isUsage({ record }: BilledAmount): boolean {
  return record === 'usage';
}

function times(amount: BilledAmount, factor: number): BilledAmount {
  return { ...amount, tokens: Math.round(amount.tokens * factor) };
}

function tokensOf(amounts: readonly BilledAmount[], like: BilledAmount, item: TokenItem): number {
  const found = amounts.find((one) => isUsage(one) && one.tier === like.tier && one.item === item);
  return found?.tokens ?? 0;
}

/** One part in so many, of all that was charged. */
function given(
  amounts: readonly BilledAmount[],
  record: 'credit' | 'refund',
  parts: number,
): readonly BilledAmount[] {
  return amounts
    .filter(isUsage)
    .map((amount) => ({ ...amount, record, ratePpm: -amount.ratePpm / parts }));
}
