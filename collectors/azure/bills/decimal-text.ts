import { scaled } from '../../../agent/core/decimal.ts';

/** More than any decimal text has behind its point. */
const places = 130;

/** Whether it can be reckoned with. */
export function isDecimal(text: string): boolean {
  return scaled(text, places) !== undefined;
}

/** The exact sum, as decimal text without an exponent. Throws RangeError for what is no decimal. */
export function sumOf(texts: readonly string[]): string {
  return textOf(texts.reduce((sum, text) => sum + unitsOf(text), 0n));
}

/**
 * Whether the two are the same but for what a sum of floats may lose: a hundredth of the currency's unit, or a
 * ten-thousandth of the larger one.
 */
export function isAbout(one: string, other: string): boolean {
  const [a, b] = [unitsOf(one), unitsOf(other)];
  const most = abs(a) > abs(b) ? abs(a) : abs(b);
  const hundredth = 10n ** BigInt(places - 2);
  const allowed = most / 10_000n;
  return abs(a - b) <= (allowed > hundredth ? allowed : hundredth);
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function unitsOf(text: string): bigint {
  const units = scaled(text, places);
  if (units === undefined) throw new RangeError(`${text} is no decimal number`);
  return units;
}

function textOf(units: bigint): string {
  const digits = abs(units)
    .toString()
    .padStart(places + 1, '0');
  const whole = digits.slice(0, -places);
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
