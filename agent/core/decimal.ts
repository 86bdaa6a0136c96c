/** `0.0080000000`, `2.5`, `1e-7`: a plain decimal number, an exponent allowed. */
const decimal = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * A decimal text times ten to the `power`, exact: `scaled('0.008', 12)` is 8,000,000,000, the nano-dollars for a
 * million tokens at $0.008 for a thousand. Undefined for any other text, and where a fraction would be left.
 */
export function scaled(text: string, power: number): bigint | undefined {
  return scaledSmall(text, power) ?? scaledAny(text, power);
}

/** Digits and powers of ten up to here are exact as numbers. */
const exactDigits = 15;
const zero = 48;
const point = 46;

/** The usual short text, without a word being taken apart; undefined where it is not that, or not short. */
function scaledSmall(text: string, power: number): bigint | undefined {
  if (text.length > exactDigits) return undefined;
  let value = 0;
  let fraction = -1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === point && fraction < 0 && at > 0) {
      fraction = 0;
      continue;
    }
    const digit = code - zero;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
    if (fraction >= 0) fraction += 1;
  }
  const shift = power - Math.max(0, fraction);
  if (text === '' || fraction === 0 || shift < 0 || shift > exactDigits) return undefined;
  const product = value * 10 ** shift;
  return Number.isSafeInteger(product) ? BigInt(product) : undefined;
}

function scaledAny(text: string, power: number): bigint | undefined {
  const [, sign, whole, fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const shift = power + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (shift >= 0) return withSign(sign, digits * 10n ** BigInt(shift));
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? withSign(sign, digits / divisor) : undefined;
}

function withSign(sign: string | undefined, value: bigint): bigint {
  return sign === '-' ? -value : value;
}
