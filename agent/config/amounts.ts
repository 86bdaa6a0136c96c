import { parsed } from './fields.ts';

/** `500`, `1.09`, `0.000000001` as a whole number of billionths, exact. Undefined for any other spelling, and for zero. */
export function parseNano(text: string): bigint | undefined {
  const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const nano = BigInt(whole + fraction.padEnd(9, '0'));
  return nano > 0n ? nano : undefined;
}

/** `50` as nano-dollars. */
export function dollars(example: string) {
  return parsed(`US dollars above 0, for example ${example}`, parseNano);
}

/** `500 USD`, or tokens as in `2e9 tokens`. */
export function budgetAmount() {
  return parsed('an amount such as 500 USD (no thousands separators) or 2e9 tokens', (value) => {
    const [, number, unit] = /^(\S+)\s+(USD|tokens)$/.exec(value) ?? [];
    if (number === undefined) return undefined;
    if (unit === 'USD') {
      const nanoUsd = parseNano(number);
      return nanoUsd === undefined ? undefined : { unit: 'USD' as const, nanoUsd };
    }
    const tokens = /^\d+(?:\.\d+)?(?:e\d{1,2})?$/i.test(number) ? Number(number) : 0;
    return Number.isSafeInteger(tokens) && tokens > 0
      ? { unit: 'tokens' as const, tokens }
      : undefined;
  });
}

/** `auto`, or `5 USD per day` as nano-dollars a day. */
export function spendLimit() {
  return parsed('auto, or a limit such as 5 USD per day', (value) => {
    if (value === 'auto') return 'auto' as const;
    const [, number = ''] = /^(\S+)\s+USD\s+per\s+day$/.exec(value) ?? [];
    const nanoUsdPerDay = parseNano(number);
    return nanoUsdPerDay === undefined ? undefined : { nanoUsdPerDay };
  });
}

/** `1.09 USD`: what one unit of another currency is worth, in nano-dollars. */
export function rate() {
  return parsed('the worth of one unit, for example 1.09 USD', (value) => {
    const [, number = ''] = /^(\S+)\s+USD$/.exec(value) ?? [];
    return parseNano(number);
  });
}
