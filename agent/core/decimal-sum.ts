/** An exact decimal number: `digits` divided by ten to the `scale`. */
export interface Exact {
  readonly digits: bigint;
  readonly scale: number;
}

export const exactZero: Exact = { digits: 0n, scale: 0 };

/** `12`, `+0.50`, `.5`, `1.25E-7`: what spreadsheets and billing exports write. */
const decimal = /^([+-]?)(?=\.?\d)(\d{0,40})(?:\.(\d{0,100}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** The number that a decimal text says; undefined for any other text. */
export function exactOf(text: string): Exact | undefined {
  const [, sign, whole, fraction = '', exponent = '0'] = decimal.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

/** Exact at the larger of the two scales. */
export function addExact(a: Exact, b: Exact): Exact {
  if (a.scale === b.scale) return { digits: a.digits + b.digits, scale: a.scale };
  const [fine, coarse] = a.scale > b.scale ? [a, b] : [b, a];
  const shift = 10n ** BigInt(fine.scale - coarse.scale);
  return { digits: fine.digits + coarse.digits * shift, scale: fine.scale };
}

export function negated({ digits, scale }: Exact): Exact {
  return { digits: -digits, scale };
}

/** The same number with at most so many digits of a fraction, a half rounded away from zero. */
export function roundedTo(exact: Exact, scale: number): Exact {
  if (exact.scale <= scale) return exact;
  const divisor = 10n ** BigInt(exact.scale - scale);
  const half = (exact.digits < 0n ? -divisor : divisor) / 2n;
  return { digits: (exact.digits + half) / divisor, scale };
}

/** The shortest decimal text of the number, without an exponent: `-0.008`. Equal numbers have equal texts. */
export function decimalText({ digits, scale }: Exact): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The exact sum of decimal texts as {@link decimalText}. Undefined where one of them is none. */
export function sumOfDecimals(texts: Iterable<string>): string | undefined {
  let sum = exactZero;
  for (const text of texts) {
    const next = exactOf(text);
    if (next === undefined) return undefined;
    sum = addExact(sum, next);
  }
  return decimalText(sum);
}
