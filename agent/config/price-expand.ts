import type { Price } from '../core/price.ts';
import { fail } from './fields.ts';
import { inNanoUsd, worthOver } from './price-currency.ts';
import { doubtOf } from './price-doubts.ts';
import type { DatedScope } from './price-scope.ts';
import type { UnitKey } from './price-units.ts';
import type { CurrencyRate } from './pricing.ts';

/** What a row is read against. */
export interface PriceSetting {
  readonly currencies: readonly CurrencyRate[];
  /** Prices that are known already, by which a slip of the unit is told. */
  readonly known: readonly Price[];
}

/** What a row says of one price, before it is known where the row stands. */
export type RowPrice = DatedScope &
  Pick<Price, 'item' | 'band' | 'thresholdTokens' | 'cacheTtl' | 'nanoUsd'>;

/** One amount of a row, in billionths of its currency, and where it stands in the row. */
export interface Piece extends Pick<Price, 'item' | 'band' | 'thresholdTokens' | 'cacheTtl'> {
  readonly nano: bigint;
  readonly path: string[];
}

export interface Row {
  readonly scope: DatedScope;
  readonly unit: UnitKey;
  readonly pieces: readonly Piece[];
  readonly free: boolean;
  readonly confirm: boolean;
}

/** A row's prices in nano-dollars, one for each amount and each rate its currency has meanwhile. Reports what is doubtful. */
export function expand(
  { scope, unit, pieces, free, confirm }: Row,
  { currencies, known }: PriceSetting,
  ctx: Parameters<typeof fail>[0],
): readonly RowPrice[] {
  const worth = worthOver(unit.currency, scope, currencies);
  if (typeof worth === 'string') return fail(ctx, worth, [unit.key]);
  return pieces.flatMap(({ nano, path, ...piece }) => {
    if (nano === 0n && !free) {
      fail(ctx, 'a price of zero; write free: true on the row if it is meant', path);
    }
    const prices = worth.map(({ nanoUsd, from, to }) => {
      return { ...scope, ...piece, from, to, nanoUsd: inNanoUsd(nano, nanoUsd) };
    });
    const doubts = confirm
      ? []
      : prices.flatMap(({ item, nanoUsd }) => doubtOf(scope, item, nanoUsd, known) ?? []);
    if (doubts[0] !== undefined) fail(ctx, doubts[0], path);
    return prices;
  });
}
