import { divideHalfUp } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';

/** What one kind of token of one series came to in two spans. Tokens are those that have a price, whole numbers. */
export interface TokenChange {
  readonly kind: 'tokens';
  /** What is compared with itself: two lines of one series differ in the type of token only. */
  readonly series: string;
  readonly tokensBefore: bigint;
  readonly tokens: bigint;
  readonly costBefore: NanoUsd;
  readonly cost: NanoUsd;
}

/** What two spans cost that is not split by tokens. */
interface WholeChange {
  /** `capacity`: paid by the hour, used or not; `unknown`: one of the spans was not looked at, or has no price. */
  readonly kind: 'capacity' | 'unknown';
  readonly costBefore: NanoUsd;
  readonly cost: NanoUsd;
}

export type ChangeLine = TokenChange | WholeChange;

export const changePartNames = [
  'price',
  'volume',
  'mix',
  'new',
  'gone',
  'capacity',
  'unknown',
] as const;
export type ChangePart = (typeof changePartNames)[number];

/** They add up to the change in cost, to the nano-dollar. */
export type ChangeParts = Readonly<Record<ChangePart, NanoUsd>>;

/**
 * Splits the change in what some lines cost, as price-volume-mix analysis does. Of the series that used tokens in both spans:
 *
 * - price: the tokens of the later span, each type of each series at what it costs now less what it cost then;
 * - volume: what all of them would cost more had only their number grown, every share and price as it was;
 * - mix: the rest, so what shifted between series and between types of tokens. A type that a series uses in one of the spans
 *   only has one price, and so is in volume and mix.
 *
 * `new` and `gone` are series that used tokens in one of the spans only. The order of the lines does not matter.
 */
export function splitChange(lines: readonly ChangeLine[]): ChangeParts {
  const parts: Record<ChangePart, NanoUsd> = {
    price: 0n,
    volume: 0n,
    mix: 0n,
    new: 0n,
    gone: 0n,
    capacity: 0n,
    unknown: 0n,
  };
  const bySeries = new Map<string, TokenChange[]>();
  for (const line of lines) {
    if (line.kind !== 'tokens') parts[line.kind] += line.cost - line.costBefore;
    else {
      const own = bySeries.get(line.series);
      if (own === undefined) bySeries.set(line.series, [line]);
      else own.push(line);
    }
  }
  const both: TokenChange[] = [];
  for (const own of bySeries.values()) {
    const { tokensBefore, tokens, costBefore, cost } = sumsOf(own);
    if (tokensBefore === 0n) parts.new += cost - costBefore;
    else if (tokens === 0n) parts.gone += cost - costBefore;
    else both.push(...own);
  }
  const all = sumsOf(both);
  if (all.tokensBefore === 0n) return parts;
  for (const { tokensBefore, tokens, costBefore, cost } of both) {
    if (tokensBefore === 0n || tokens === 0n) continue;
    parts.price += cost - divideHalfUp(costBefore * tokens, tokensBefore);
  }
  parts.volume = divideHalfUp(all.costBefore * all.tokens, all.tokensBefore) - all.costBefore;
  parts.mix = all.cost - all.costBefore - parts.price - parts.volume;
  return parts;
}

/** The part that moves the cost most, the first of them where two do; undefined where nothing does. */
export function largestPart(parts: ChangeParts): ChangePart | undefined {
  let largest: ChangePart | undefined;
  let most = 0n;
  for (const name of changePartNames) {
    const size = parts[name] < 0n ? -parts[name] : parts[name];
    if (size <= most) continue;
    most = size;
    largest = name;
  }
  return largest;
}

function sumsOf(lines: readonly TokenChange[]): Omit<TokenChange, 'kind' | 'series'> {
  const sum = { tokensBefore: 0n, tokens: 0n, costBefore: 0n, cost: 0n };
  for (const line of lines) {
    sum.tokensBefore += line.tokensBefore;
    sum.tokens += line.tokens;
    sum.costBefore += line.costBefore;
    sum.cost += line.cost;
  }
  return sum;
}
