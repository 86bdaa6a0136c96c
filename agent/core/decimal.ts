/** `0.0080000000`, `2.5`, `1e-7`: a plain decimal number, an exponent allowed. */
const decimal = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * A decimal text times ten to the `power`, exact: `scaled('0.008', 12)` is 8,000,000,000, the nano-dollars for a
 * million tokens at $0.008 for a thousand. Undefined for any other text, and where a fraction would be left.
 */
export function scaled(text: string, power: number): bigint | undefined {
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
