import { scaled } from '../core/decimal.ts';
import { divideHalfUp } from '../core/money.ts';

/** More digits than any bill writes, so that nothing is lost before the one rounding. */
const places = 60;

/**
 * A decimal text times ten to the `power`, to the nearest whole number, halves away from zero. Throws a RangeError where
 * the text is no decimal number.
 */
export function nearest(text: string, power: number): bigint {
  const whole = scaled(text, power);
  if (whole !== undefined) return whole;
  const exact = scaled(text, places + power);
  if (exact === undefined) throw new RangeError(`not a decimal number: ${JSON.stringify(text)}`);
  return quotient(exact, 10n ** BigInt(places));
}

/** The nearest whole number to a quotient, halves away from zero. The divisor is above zero. */
export function quotient(dividend: bigint, divisor: bigint): bigint {
  return dividend < 0n ? -divideHalfUp(-dividend, divisor) : divideHalfUp(dividend, divisor);
}
