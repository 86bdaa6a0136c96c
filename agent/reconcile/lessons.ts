import type { LearntShares } from '../core/calibration.ts';
import { tokenItems } from '../core/price.ts';
import type { TokenItem } from '../core/price.ts';
import type { RateCard, RateRange } from '../core/rating.ts';
import { tokenAmounts } from '../core/usage.ts';
import { withUnsplit } from '../pricing/bounds.ts';
import type { AmountRates } from '../pricing/bounds.ts';
import { isTokens } from './billed-meters.ts';
import type { BilledMeter } from './billed-meters.ts';
import { billedTokens, meteredTokens } from './cached.ts';
import type { MeteredDay } from './inputs.ts';
import { isSamePlace } from './reconcile.ts';
import { trafficFit } from './traffic-fit.ts';
import type { Observed } from './trimmed.ts';

/** One model of one account on one day whose meters and bill agree. */
export interface TaughtDay {
  readonly meters: readonly BilledMeter[];
  readonly metered: readonly MeteredDay[];
}

/** Of the input that no meter splits, by the bill's own quantities; undefined where there is none. */
export function unsplitLesson({
  meters,
  metered,
}: TaughtDay): { readonly read: Observed; readonly write: Observed } | undefined {
  const weight = sumOf(metered, (one) => one.unsplitInput);
  if (weight === 0) return undefined;
  const billed = billedTokens(meters);
  const read = billed.cache_read - sumOf(metered, (one) => one.cacheRead);
  const write = billed.cache_write - sumOf(metered, (one) => one.cacheWrite);
  return {
    read: { share: read / weight, weight },
    write: { share: write / weight, weight },
  };
}

/** How far the billed price of an item lies from its lowest rate to its highest; undefined where they are one. */
export function positionLesson(day: TaughtDay, item: TokenItem): Observed | undefined {
  let over = 0;
  let extent = 0;
  for (const { meter, users } of usersOf(day, item)) {
    const band = bandOf(meter);
    // A bill that does not name the band tells the price of no band.
    if (band === 'any' && users.some(({ card }) => card.long !== undefined)) continue;
    const rates = users.map(({ card, tokens }) => ({ rate: rateIn(card, item, band), tokens }));
    const low = meanRate(rates, ({ low: rate }) => rate);
    const high = meanRate(rates, ({ high: rate }) => rate);
    const { tokens, nanoUsd } = meter;
    if (low === undefined || high === undefined || tokens === null || nanoUsd === null) continue;
    over += Number(nanoUsd) - tokens * low;
    extent += tokens * (high - low);
  }
  return extent > 0 ? { share: over / extent, weight: extent } : undefined;
}

/**
 * How far the billed dollars lie from all requests short to all long, of the periods that may have had long ones: those are
 * told by the highest cost that the ledger holds for the day. Undefined where there are none, or not all is known.
 *
 * @param learnt of unsplit input and of items, for the rates inside each band
 */
export function longLesson(day: TaughtDay, learnt: LearntShares): Observed | undefined {
  let extra = 0;
  for (const item of tokenItems) {
    for (const { meter, users } of usersOf(day, item)) {
      const rates = users.map(({ card, tokens }) => ({
        rate: learntRate(card, item, learnt),
        tokens,
      }));
      const short = meanRate(rates, ({ best }) => best);
      const { tokens, nanoUsd } = meter;
      if (short === undefined || tokens === null || nanoUsd === null) return undefined;
      extra += Number(nanoUsd) - tokens * short;
    }
  }
  let extent = 0;
  for (const one of day.metered) {
    const [card, ...more] = one.cards;
    if (card?.long === undefined) continue;
    if (more.length > 0 || one.ratedHigh === undefined || one.ratedHigh === null) return undefined;
    extent += longExtent(one, card, card.long, Number(one.ratedHigh), learnt);
  }
  return extent > 0 ? { share: extra / extent, weight: extent } : undefined;
}

function learntRate(card: RateCard, item: TokenItem, learnt: LearntShares): RateRange | undefined {
  const { input, cacheRead, cacheWrite, output } = withUnsplit(card.short, learnt);
  return { input, cache_read: cacheRead, cache_write: cacheWrite, output }[item];
}

/** What the periods that may be long would cost more if they were, at what is taken to hold inside each band. */
function longExtent(
  one: MeteredDay,
  card: RateCard,
  longRates: RateCard['short'],
  ratedHigh: number,
  learnt: LearntShares,
): number {
  const short = withUnsplit(card.short, learnt);
  const long = withUnsplit(longRates, learnt);
  const mostExtra = ratedHigh - costOf(one, short, ({ high }) => high);
  if (mostExtra <= 0) return 0;
  const ifAllLong = (of: (rate: RateRange) => bigint) =>
    costOf(one, long, of, short) - costOf(one, short, of);
  const highest = ifAllLong(({ high }) => high);
  return highest <= 0 ? 0 : mostExtra * (ifAllLong(({ best }) => best) / highest);
}

/** Nano-dollars. Where a band has no rate of an amount, the other's holds. */
function costOf(
  one: MeteredDay,
  rates: AmountRates,
  of: (rate: RateRange) => bigint,
  otherwise: AmountRates = {},
): number {
  return tokenAmounts.reduce((sum, name) => {
    const rate = rates[name] ?? otherwise[name];
    return rate === undefined ? sum : sum + ((one[name] ?? 0) * Number(of(rate))) / 1e6;
  }, 0);
}

interface User {
  readonly card: RateCard;
  readonly tokens: number;
}

/** Each billed meter of an item with the traffics that it may be for; those whose price changed that day are left out. */
function usersOf(
  { meters, metered }: TaughtDay,
  item: TokenItem,
): readonly { readonly meter: BilledMeter; readonly users: readonly User[] }[] {
  const own = meters.filter(({ meaning }) => isTokens(meaning) && meaning.item === item);
  const isCached = item === 'cache_read' || item === 'cache_write';
  const using = metered.flatMap((one) => {
    const unsplit = isCached ? (one.unsplitInput ?? 0) : 0;
    const tokens = (meteredTokens(one, item) ?? 0) + unsplit;
    const [card, ...more] = one.cards;
    return card === undefined || more.length > 0 || tokens === 0 ? [] : [{ one, card, tokens }];
  });
  const fits = trafficFit(
    own,
    using.map(({ one }) => one),
  );
  return own.map((meter) => ({
    meter,
    users: using.filter(({ one }) => isSamePlace(meter, one) && fits(meter, one)),
  }));
}

function bandOf({ meaning }: BilledMeter): 'any' | 'short' | 'long' {
  return typeof meaning === 'string' ? 'any' : meaning.band;
}

function rateIn(
  card: RateCard,
  item: TokenItem,
  band: ReturnType<typeof bandOf>,
): RateRange | undefined {
  return band === 'long' ? (card.long?.[item] ?? card.short[item]) : card.short[item];
}

/** Nano-dollars for a token, by tokens; undefined where any of them has no price. */
function meanRate(
  rates: readonly { readonly rate: RateRange | undefined; readonly tokens: number }[],
  of: (rate: RateRange) => bigint,
): number | undefined {
  let sum = 0;
  let all = 0;
  for (const { rate, tokens } of rates) {
    if (rate === undefined) return undefined;
    sum += Number(of(rate)) * tokens;
    all += tokens;
  }
  return all === 0 ? undefined : sum / all / 1e6;
}

function sumOf(metered: readonly MeteredDay[], of: (one: MeteredDay) => number | null): number {
  return metered.reduce((sum, one) => sum + (of(one) ?? 0), 0);
}
