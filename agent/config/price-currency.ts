import type { NanoUsd } from '../core/money.ts';
import { divideHalfUp, nanoPerUsd } from '../core/money.ts';
import { endOfTime } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import { isoUtc } from '../core/time.ts';
import type { CurrencyRate } from './pricing.ts';

/** Over `[from, to)` one unit of a currency is worth `nanoUsd`. */
export interface Worth {
  readonly from: Instant;
  readonly to: Instant;
  readonly nanoUsd: NanoUsd;
}

/** What a currency is worth over a span, piece by piece; or, in words, what is missing to know it. */
export function worthOver(
  currency: string,
  span: { readonly from: Instant; readonly to: Instant },
  currencies: readonly CurrencyRate[],
): readonly Worth[] | string {
  if (currency === 'USD') return [{ ...span, nanoUsd: nanoPerUsd }];
  const dated = currencies
    .filter((rate) => rate.currency === currency)
    .toSorted((a, b) => a.from - b.from);
  const [first] = dated;
  if (first === undefined) {
    return `no rate of ${currency}; add one to currencies in crossbill.yaml, for example { ${currency}: 1.09 USD, from: 2026-11-01 }`;
  }
  if (first.from > span.from) {
    const day = isoUtc(first.from).slice(0, 10);
    return `no rate of ${currency} before ${day}; give the row from: ${day} or later, or add an earlier rate to currencies in crossbill.yaml`;
  }
  return dated.flatMap(({ nanoUsd, from: since }, index) => {
    const from = Math.max(since, span.from);
    const to = Math.min(dated[index + 1]?.from ?? endOfTime, span.to);
    return from < to ? [{ from, to, nanoUsd }] : [];
  });
}

/** Billionths of a currency in nano-dollars, to the nearest one, halves up. */
export function inNanoUsd(nano: bigint, worth: NanoUsd): NanoUsd {
  return divideHalfUp(nano * worth, nanoPerUsd);
}
