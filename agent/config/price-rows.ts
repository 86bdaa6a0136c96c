import type { Discount, Price } from '../core/price.ts';
import { valueAt } from './document.ts';
import { choose, fail, flag, parsed, section } from './fields.ts';
import { amount, rateNames, rates } from './price-amounts.ts';
import type { RateName, Rates } from './price-amounts.ts';
import { expand } from './price-expand.ts';
import type { Piece, PriceSetting, RowPrice } from './price-expand.ts';
import { endsAfterItBegins, scopeFields, scopeOf } from './price-scope.ts';
import { unitKeyOf } from './price-units.ts';

export type RowDiscount = Omit<Discount, 'reference'>;

/** `free`: a price of zero is meant. `confirm`: a price is meant that looks like a slip. */
const marks = { free: flag().default(false), confirm: flag().default(false) };

const aboveTokens = parsed('a count of input tokens, for example 272000', (value) =>
  /^[1-9]\d{2,8}$/.test(value) ? Number(value) : undefined,
);

/** `{ model: openai/gpt-5.4, usd_per_million: { input: 2.50, output: 15 } }` */
export function tokenRow(setting: PriceSetting) {
  return choose<readonly RowPrice[]>((value, ctx) => {
    const unit = unitKeyOf(value, 'per_million', ctx);
    if (unit === undefined) return undefined;
    const { key } = unit;
    return section({
      ...scopeFields,
      ...marks,
      [key]: rates.optional(),
      long_context: section({ above_tokens: aboveTokens, [key]: rates }).optional(),
    })
      .superRefine(endsAfterItBegins)
      .transform((row, rowCtx) => {
        const short = ratesAt(row, key);
        const above = row.long_context?.['above_tokens'];
        const long = typeof above === 'number' ? ratesAt(row.long_context, key) : undefined;
        if (short === undefined && !row.free) {
          return fail(rowCtx, 'missing; give a mapping, for example { input: 2.50, output: 15 }', [
            key,
          ]);
        }
        for (const name of rateNames) {
          if (long?.has(name) !== true || short?.has(name) === true) continue;
          fail(rowCtx, `no price below the threshold; give ${name} under ${key} of the row too`, [
            'long_context',
            key,
            name,
          ]);
        }
        const threshold = typeof above === 'number' ? above : null;
        const pieces = [
          ...tokenPieces(short ?? freeRates, [key], (name) =>
            long?.has(name) === true ? ['short', threshold] : ['any', null],
          ),
          ...tokenPieces(long ?? new Map(), ['long_context', key], () => ['long', threshold]),
        ];
        return expand({ ...row, scope: scopeOf(row), unit, pieces }, setting, rowCtx);
      });
  });
}

/** `{ cloud: azure, routing: global, usd_per_unit_hour: 1.00 }` */
export function unitRow(setting: PriceSetting) {
  return choose<readonly RowPrice[]>((value, ctx) => {
    const unit = unitKeyOf(value, 'per_unit_hour', ctx);
    if (unit === undefined) return undefined;
    const { tier: _, ...fields } = scopeFields;
    return section({
      ...fields,
      ...marks,
      model: fields.model.optional(),
      [unit.key]: amount('what one unit costs for an hour'),
    })
      .superRefine(endsAfterItBegins)
      .transform((row, rowCtx) => {
        const nano = valueAt(row, [unit.key]);
        const rest = {
          item: 'unit_hour',
          band: 'any',
          thresholdTokens: null,
          cacheTtl: '',
        } as const;
        const pieces = typeof nano === 'bigint' ? [{ ...rest, nano, path: [unit.key] }] : [];
        const scope = { ...scopeOf(row), tier: 'provisioned' as const };
        return expand({ ...row, scope, unit, pieces }, setting, rowCtx);
      });
  });
}

/** `{ model: openai/*, cloud: azure, off: 15% }` */
export const discountRow = section({
  ...scopeFields,
  off: parsed('a percentage above 0% and up to 100%, for example 15%', (value) => {
    const [, whole, fraction = ''] = /^(\d{1,3})(?:\.(\d{1,4}))?\s*%$/.exec(value) ?? [];
    const ppm = whole === undefined ? 0 : Number(whole + fraction.padEnd(4, '0'));
    return ppm > 0 && ppm <= 1_000_000 ? ppm : undefined;
  }),
})
  .superRefine(endsAfterItBegins)
  .transform((row): RowDiscount => ({ ...scopeOf(row), offPpm: row.off }));

const freeRates: Rates = new Map([
  ['input', 0n],
  ['cache_read', 0n],
  ['cache_write', 0n],
  ['output', 0n],
]);

function ratesAt(row: unknown, key: string): Rates | undefined {
  const value = valueAt(row, [key]);
  return value instanceof Map ? value : undefined;
}

function tokenPieces(
  given: Rates,
  path: readonly string[],
  bandOf: (name: RateName) => readonly [Price['band'], number | null],
): readonly Piece[] {
  return [...given].map(([name, nano]) => {
    const [band, thresholdTokens] = bandOf(name);
    const ttl =
      name === 'cache_write_1h'
        ? '1h'
        : name === 'cache_write' && given.has('cache_write_1h')
          ? '5m'
          : '';
    const item = name === 'cache_write_1h' ? 'cache_write' : name;
    return { item, band, thresholdTokens, cacheTtl: ttl, nano, path: [...path, name] };
  });
}
