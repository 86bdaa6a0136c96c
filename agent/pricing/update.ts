import { bandlessKey } from '../core/listed-prices.ts';
import { addKnown } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Price } from '../core/price.ts';
import type { RatingSubject, Rater } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import type { Amounts } from '../core/usage.ts';
import type { PriceChange, PriceDiff } from './diff.ts';

/** What becomes of the book: rows that end and rows that begin. Nothing is ever taken out. */
export interface PriceEdit {
  /** `row` as it is in the book; from `to` on it holds no longer. Where `to` is its `from`, it never held. */
  readonly ends: readonly { readonly row: Price; readonly to: Instant }[];
  readonly begins: readonly Price[];
  /** What was not taken, for a later `accept`. */
  readonly waiting: readonly PriceChange[];
}

/**
 * Those changes that wait for nobody, and those of which `isAccepted`. Bands and dates of one price go together: one of
 * them accepted is all of them.
 */
export function editOf(
  diff: PriceDiff,
  isAccepted: (change: PriceChange) => boolean = () => false,
): PriceEdit {
  const accepted = new Set(diff.changes.filter(isAccepted).map(groupOf));
  const isTaken = (change: PriceChange): boolean =>
    change.waitsFor.length === 0 || accepted.has(groupOf(change));
  const taken = diff.changes.filter(isTaken);
  const cuts = new Map(
    taken.flatMap(({ before, at }) => (before === undefined ? [] : ([[before, at]] as const))),
  );
  const begins = taken.flatMap(({ after }) => (after === undefined ? [] : [after]));
  const isNew = new Set(begins);
  return {
    ends: [...cuts].filter(([row]) => !isNew.has(row)).map(([row, to]) => ({ row, to })),
    begins: begins.map((row) => ({ ...row, to: cuts.get(row) ?? row.to })),
    waiting: diff.changes.filter((change) => !isTaken(change)),
  };
}

function groupOf({ before, after }: PriceChange): string {
  const price = after ?? before;
  return price === undefined ? '' : bandlessKey(price);
}

/** The book's rows after an edit, in no order that matters. */
export function editedRows(rows: readonly Price[], { ends, begins }: PriceEdit): readonly Price[] {
  const cuts = new Map(ends.map(({ row, to }) => [row, to]));
  return [...rows.map((row) => ({ ...row, to: cuts.get(row) ?? row.to })), ...begins];
}

/** What somebody used over a span of time. */
export interface UsageOfSubject {
  readonly subject: RatingSubject;
  readonly amounts: Amounts;
}

/** What one model's use costs by the book before and after. */
export interface MoneyEffect {
  readonly model: string;
  /** Null: nothing of it has a price. */
  readonly before: NanoUsd | null;
  readonly after: NanoUsd | null;
  /** `after` less `before`, what is null taken as nothing. */
  readonly difference: NanoUsd;
  readonly unpricedTokensBefore: number;
  readonly unpricedTokensAfter: number;
}

/**
 * What the same use would have cost had the prices of `at` held all along, by two books; only models whose cost or unpriced
 * tokens differ, those that change most first. Every layer and discount counts, so a list price under an agreed one
 * changes nothing.
 */
export function moneyEffect(
  before: Rater,
  after: Rater,
  usage: readonly UsageOfSubject[],
  at: Instant,
): readonly MoneyEffect[] {
  const byModel = new Map<string, MoneyEffect>();
  for (const { subject, amounts } of usage) {
    const old = costAt(before, subject, amounts, at);
    const fresh = costAt(after, subject, amounts, at);
    const sum = byModel.get(subject.model);
    const costBefore = addKnown(sum?.before ?? null, old.cost);
    const costAfter = addKnown(sum?.after ?? null, fresh.cost);
    byModel.set(subject.model, {
      model: subject.model,
      before: costBefore,
      after: costAfter,
      difference: (costAfter ?? 0n) - (costBefore ?? 0n),
      unpricedTokensBefore: (sum?.unpricedTokensBefore ?? 0) + old.unpricedTokens,
      unpricedTokensAfter: (sum?.unpricedTokensAfter ?? 0) + fresh.unpricedTokens,
    });
  }
  return [...byModel.values()]
    .filter((one) => one.difference !== 0n || one.unpricedTokensBefore !== one.unpricedTokensAfter)
    .toSorted((a, b) => compare(size(b), size(a)) || (a.model < b.model ? -1 : 1));
}

function costAt(rater: Rater, subject: RatingSubject, amounts: Amounts, at: Instant) {
  const span = rater.cardsOf(subject).find(({ from, to }) => from <= at && at < to);
  if (span === undefined) throw new Error('a rater covers all time');
  return rater.rate(span.card, amounts, { mostInputTokens: null });
}

function size({ difference }: MoneyEffect): bigint {
  return difference < 0n ? -difference : difference;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
