import { fail, isMapping } from './fields.ts';
import { currencyCodes } from './pricing.ts';

/** What prices of a row are for; the key says it after the currency: `usd_per_million`, `eur_per_unit_hour`. */
export type PriceUnit = 'per_million' | 'per_unit_hour';

export interface UnitKey {
  readonly key: string;
  /** `USD`, `EUR` */
  readonly currency: string;
}

const advice: Readonly<Record<PriceUnit, string>> = {
  per_million:
    'prices are for a million tokens: multiply one for 1K tokens by 1,000, one for a token by 1,000,000, and write usd_per_million',
  per_unit_hour: 'a unit is priced by the hour: write usd_per_unit_hour',
};

/** The key by which a row names currency and unit, dollars where it has none. Undefined after it has reported a wrong one. */
export function unitKeyOf(
  value: unknown,
  unit: PriceUnit,
  ctx: Parameters<typeof fail>[0],
): UnitKey | undefined {
  const usd = { key: `usd_${unit}`, currency: 'USD' };
  if (!isMapping(value)) return usd;
  const keys = Object.keys(value).filter((key) => key.includes('_per_') || key.startsWith('per_'));
  const [first, second] = keys;
  if (first === undefined) return usd;
  const wrong = (key: string, message: string): undefined => {
    fail(ctx, message, [key]);
  };
  if (second !== undefined) {
    return wrong(second, `a second unit beside ${first}: give one, or make two rows`);
  }
  if (!first.endsWith(`_${unit}`)) return wrong(first, advice[unit]);
  const currency = first.slice(0, -unit.length - 1).toUpperCase();
  if (first === usd.key) return usd;
  return currencyCodes().includes(currency) && first === first.toLowerCase()
    ? { key: first, currency }
    : wrong(
        first,
        `no currency of this name; write ${usd.key}, or another's code as in eur_${unit}`,
      );
}
