import { divideHalfUp } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { RateCard, Rated, RatingEvidence } from '../core/rating.ts';
import type { Amounts } from '../core/usage.ts';
import { tokenAmounts } from '../core/usage.ts';
import { isShort, ratesOf } from './bounds.ts';
import type { AmountRates, TokenAmount } from './bounds.ts';

/** Rates are for so many tokens. */
const perTokens = 1_000_000n;

type Numbers = Readonly<Record<TokenAmount, number>>;
type Bound = 'low' | 'best' | 'high';

/** A card's rates in one band, ready to multiply by. */
interface Sheet {
  readonly rates: AmountRates;
  /** 1 where the amount has a price, else 0. */
  readonly priced: Numbers;
  readonly unpriced: Numbers;
  /** Rates as numbers, each a `unit`th of its nano-dollars; undefined where one is no safe integer. */
  readonly low: Numbers | undefined;
  readonly best: Numbers | undefined;
  readonly high: Numbers | undefined;
  /** Low, best and high are one. */
  readonly isExact: boolean;
}

interface Sheets {
  readonly thresholdTokens: number | null;
  readonly short: Sheet;
  readonly either: Sheet;
  /** What a sum of tokens times rates is divided by. */
  readonly divisor: number;
}

/**
 * What a row costs, between what, and how many of its tokens have no price. Each figure is the sum over the row's amounts of
 * tokens times nano-dollars for a million tokens, divided by a million and rounded once, to the nearest nano-dollar, a half
 * up: cut into parts, a row's sum moves by no more than a nano-dollar a part. Costs are null where no amount that the row
 * tells has a price.
 *
 * Amounts are whole numbers, not negative. Cards are remembered by identity.
 */
export function createRate(): (
  card: RateCard,
  amounts: Amounts,
  evidence: RatingEvidence,
) => Rated {
  const known = new WeakMap<RateCard, Sheets>();
  return (card, amounts, evidence) => {
    let sheets = known.get(card);
    if (sheets === undefined) {
      sheets = sheetsOf(card);
      known.set(card, sheets);
    }
    const { divisor, thresholdTokens } = sheets;
    const sheet = isShort(thresholdTokens, amounts, evidence) ? sheets.short : sheets.either;
    const unpricedTokens = product(sheet.unpriced, amounts);
    if (!hasPriced(sheet.priced, amounts)) {
      return { cost: null, low: null, high: null, unpricedTokens };
    }
    const cost = total(sheet, 'best', amounts, divisor);
    if (sheet.isExact) return { cost, low: cost, high: cost, unpricedTokens };
    const low = total(sheet, 'low', amounts, divisor);
    return { cost, low, high: total(sheet, 'high', amounts, divisor), unpricedTokens };
  };
}

function hasPriced(priced: Numbers, amounts: Amounts): boolean {
  return (
    (amounts.input !== null && priced.input === 1) ||
    (amounts.cacheRead !== null && priced.cacheRead === 1) ||
    (amounts.cacheWrite !== null && priced.cacheWrite === 1) ||
    (amounts.output !== null && priced.output === 1) ||
    (amounts.unsplitInput !== null && priced.unsplitInput === 1)
  );
}

/**
 * Exact in numbers while the sum is a safe integer. That it is can be seen from the sum: products and sums of what is not
 * negative round upwards no further than to what they pass.
 */
function total(sheet: Sheet, bound: Bound, amounts: Amounts, divisor: number): NanoUsd {
  const rates = sheet[bound];
  const sum = rates === undefined ? Infinity : product(rates, amounts);
  if (sum > Number.MAX_SAFE_INTEGER) return exactTotal(sheet.rates, bound, amounts);
  if (divisor === 1) return BigInt(sum);
  const rest = sum % divisor;
  const whole = (sum - rest) / divisor;
  return BigInt(2 * rest >= divisor ? whole + 1 : whole);
}

/** The same, whatever the size. */
export function exactTotal(rates: AmountRates, bound: Bound, amounts: Amounts): NanoUsd {
  let sum = 0n;
  for (const name of tokenAmounts) {
    sum += (rates[name]?.[bound] ?? 0n) * BigInt(amounts[name] ?? 0);
  }
  return divideHalfUp(sum, perTokens);
}

function product(factors: Numbers, amounts: Amounts): number {
  return (
    (amounts.input ?? 0) * factors.input +
    (amounts.cacheRead ?? 0) * factors.cacheRead +
    (amounts.cacheWrite ?? 0) * factors.cacheWrite +
    (amounts.output ?? 0) * factors.output +
    (amounts.unsplitInput ?? 0) * factors.unsplitInput
  );
}

/** List prices are whole cents or tenths of one: divided by what they share, ordinary sums stay far from the largest number. */
function sheetsOf(card: RateCard): Sheets {
  const { short, either } = ratesOf(card);
  const all = [short, either].flatMap((rates) => Object.values(rates));
  const unit = all.flatMap(({ low, best, high }) => [low, best, high]).reduce(sharedBy, perTokens);
  return {
    thresholdTokens: card.thresholdTokens,
    short: sheetOf(short, unit),
    either: sheetOf(either, unit),
    divisor: Number(perTokens / unit),
  };
}

function sharedBy(a: bigint, b: bigint): bigint {
  return b === 0n ? a : sharedBy(b, a % b);
}

function sheetOf(rates: AmountRates, unit: bigint): Sheet {
  const numbers = (bound: Bound) => {
    const inUnits = numbersBy((name) => Number((rates[name]?.[bound] ?? 0n) / unit));
    return Object.values(inUnits).every(Number.isSafeInteger) ? inUnits : undefined;
  };
  return {
    rates,
    priced: numbersBy((name) => (rates[name] === undefined ? 0 : 1)),
    unpriced: numbersBy((name) => (rates[name] === undefined ? 1 : 0)),
    low: numbers('low'),
    best: numbers('best'),
    high: numbers('high'),
    isExact: Object.values(rates).every(({ low, high }) => low === high),
  };
}

function numbersBy(value: (name: TokenAmount) => number): Numbers {
  return {
    input: value('input'),
    cacheRead: value('cacheRead'),
    cacheWrite: value('cacheWrite'),
    output: value('output'),
    unsplitInput: value('unsplitInput'),
  };
}
