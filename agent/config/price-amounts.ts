import { fail, parsed, section } from './fields.ts';

/** What a row may price. A cache write without a word on time is of every time that has no price of its own. */
export const rateNames = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'output',
] as const;
export type RateName = (typeof rateNames)[number];

/** Billionths of the currency's unit. */
export type Rates = Map<RateName, bigint>;

/** `2.50` in billionths, exact; zero is read, and refused where a row does not say that it means it. */
export function amount(what: string) {
  return parsed(
    `${what}, for example 2.50: digits and a point, no sign, unit or comma`,
    (value) => {
      const [, whole, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(value) ?? [];
      return whole === undefined ? undefined : BigInt(whole + fraction.padEnd(9, '0'));
    },
  );
}

const rate = amount('an amount for a million tokens').optional();

export const rates = section({
  input: rate,
  cache_read: rate,
  cache_write: rate,
  cache_write_1h: rate,
  output: rate,
}).transform((given, ctx): Rates => {
  const found: Rates = new Map();
  for (const name of rateNames) {
    const nano = given[name];
    if (nano !== undefined) found.set(name, nano);
  }
  return found.size === 0 ? fail(ctx, `empty; give some of ${rateNames.join(', ')}`) : found;
});
