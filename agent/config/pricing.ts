import { rate } from './amounts.ts';
import {
  choose,
  fail,
  distinct,
  isMapping,
  listOf,
  oneOf,
  parsed,
  percent,
  section,
  text,
} from './fields.ts';

export const prices = section({
  file: text('the path of a file, for example ./prices.yaml').optional(),
  update: oneOf(['never', 'daily']).default('never'),
  confirm_above: percent('30%').default(0.3),
}).transform(({ file, update, confirm_above }) => ({
  file,
  update,
  /** A listed price that moves by more than this share of itself waits for `prices accept`. */
  confirmAbove: confirm_above,
}));

/** Its midnight UTC, in milliseconds. */
export const day = parsed('a day, for example 2026-11-01', (value) => {
  const start = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(start) || !new Date(start).toISOString().startsWith(value)
    ? undefined
    : start;
});

export interface CurrencyRate {
  readonly currency: string;
  /** What one unit is worth. */
  readonly nanoUsd: bigint;
  /** Midnight UTC, in milliseconds. */
  readonly from: number;
}

/** Every currency but the dollar, in capitals. Asked for anew, for most configurations name none and the list takes a while. */
export function currencyCodes(): readonly string[] {
  return Intl.supportedValuesOf('currency').filter((known) => known !== 'USD');
}

/** One key is the currency, so what stands there decides which keys are known. */
const currency = choose<CurrencyRate>((value) => {
  const code = currencyCodes().find((known) => isMapping(value) && known in value) ?? 'EUR';
  return section({ [code]: rate(), from: day }).transform(({ [code]: nanoUsd, from }, ctx) =>
    typeof nanoUsd === 'bigint' && typeof from === 'number'
      ? { currency: code, nanoUsd, from }
      : fail(ctx, 'expected a rate and a day'),
  );
});

export const currencies = listOf(currency, {
  expected: 'for example [{ EUR: 1.09 USD, from: 2026-11-01 }]',
  atLeast: 0,
}).superRefine(
  distinct(
    ({ currency: code, from }) => `${code} ${from}`,
    'a second rate of this currency from the same day; delete one',
  ),
);
