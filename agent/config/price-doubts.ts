import type { NanoUsd } from '../core/money.ts';
import type { Price, PriceItem, PriceScope } from '../core/price.ts';

/** How far from the list price of the same model a price may be before it is taken for a slip. */
const tolerance = 20n;

/** What any model costs, in nano-dollars for a million tokens or for a unit-hour, with room around it. */
const usual: Readonly<Record<PriceItem, readonly [NanoUsd, NanoUsd]>> = {
  input: [10_000_000n, 200_000_000_000n],
  cache_read: [500_000n, 100_000_000_000n],
  cache_write: [10_000_000n, 250_000_000_000n],
  output: [20_000_000n, 800_000_000_000n],
  unit_hour: [50_000_000n, 500_000_000_000n],
};

/**
 * Why a price looks like a slip of the unit, in words; undefined where it does not. Where the book knows the model its prices
 * are the measure, else what models cost at all.
 */
export function doubtOf(
  scope: Pick<PriceScope, 'model' | 'cloud'>,
  item: PriceItem,
  nanoUsd: NanoUsd,
  known: readonly Price[],
): string | undefined {
  if (nanoUsd === 0n) return undefined;
  const alike = known.filter((price) => price.item === item && isAlike(scope, price));
  const amounts = alike.map((price) => price.nanoUsd).filter((amount) => amount > 0n);
  const [most, least] = [amounts.reduce(larger, 0n), amounts.reduce(smaller, amounts[0] ?? 0n)];
  const [low, high] = amounts.length === 0 ? usual[item] : [least / tolerance, most * tolerance];
  if (nanoUsd >= low && nanoUsd <= high) return undefined;
  const above = nanoUsd > high;
  const measure =
    amounts.length === 0
      ? `${above ? 'more' : 'less'} than any model costs (${dollars(above ? high : low)} USD)`
      : above
        ? `over ${tolerance} times the list price of this model (${dollars(most)} USD)`
        : `under a ${tolerance}th of the list price of this model (${dollars(least)} USD)`;
  return `${measure}: ${guess(item, above, nanoUsd, least)}, or confirm: true on the row if it is right`;
}

function guess(item: PriceItem, above: boolean, nanoUsd: NanoUsd, least: NanoUsd): string {
  if (item === 'unit_hour') {
    return `${above ? 'looks like cents, or a month' : 'looks like a minute'}; write dollars for an hour of one unit`;
  }
  const perToken = nanoUsd * 50_000n < least || nanoUsd < 10_000n;
  const what = above ? 'cents' : perToken ? 'a price per token' : 'a price per 1K tokens';
  return `looks like ${what}; write dollars for a million tokens`;
}

function isAlike(scope: Pick<PriceScope, 'model' | 'cloud'>, price: Price): boolean {
  const cloudFits = scope.cloud === '' || price.cloud === '' || scope.cloud === price.cloud;
  const { model } = scope;
  const fits = model.endsWith('*')
    ? price.model.startsWith(model.slice(0, -1))
    : price.model === model;
  return cloudFits && fits;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function dollars(nanoUsd: NanoUsd): string {
  const text = nanoUsd.toString().padStart(10, '0');
  return `${text.slice(0, -9)}.${text.slice(-9)}`.replace(/\.?0+$/, '');
}
