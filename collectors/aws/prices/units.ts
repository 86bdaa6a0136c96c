import { scaled } from '../../../agent/core/decimal.ts';
import type { SkipReason } from '../../../agent/core/price-list.ts';

/** Powers of ten from dollars for one unit to nano-dollars for a million tokens, by the unit's exact words. */
const powers: ReadonlyMap<string, number> = new Map([
  ['1K tokens', 12],
  ['1K token', 12],
  ['1M tokens', 9],
  ['1M token', 9],
  ['Million tokens', 9],
]);

/** Tokens that one unit stands for: 1,000 or 1,000,000; undefined for a unit that no table knows. */
export function tokensOfUnit(unit: string): number | undefined {
  const power = powers.get(unit);
  return power === undefined ? undefined : 10 ** (15 - power);
}

/** The marketplace counts in `Units`; how many tokens one is stands in the row's description or nowhere. */
const plainUnits: ReadonlySet<string> = new Set(['Units', 'Unit']);

const described: readonly { readonly words: RegExp; readonly power: number }[] = [
  { words: /\bper (?:1K|1,000|1000|thousand)\b/i, power: 12 },
  { words: /\bper (?:1M|1,000,000|1000000|(?:1 )?million)\b/i, power: 9 },
];

/**
 * Nano-dollars for a million tokens. A unit outside the table is refused rather than guessed: the guess may be wrong by
 * a factor of a thousand. So is one that the description contradicts.
 */
export function nanoPerMillion(
  unit: string,
  description: string,
  usd: string,
): bigint | SkipReason {
  const said = described.filter(({ words }) => words.test(description));
  const told = said.length === 1 ? said[0]?.power : undefined;
  const named = plainUnits.has(unit) ? told : powers.get(unit);
  if (named === undefined) return 'unknown_unit';
  if (said.length > 1 || (told !== undefined && told !== named)) return 'unit_disagrees';
  const nanoUsd = scaled(usd, named);
  if (nanoUsd === undefined || nanoUsd < 0n) return 'no_amount';
  return nanoUsd === 0n ? 'zero' : nanoUsd;
}
