import type { Price, TokenItem } from '../core/price.ts';
import { tokenItems } from '../core/price.ts';
import { allocate } from './allocate.ts';
import type { BilledMeter } from './billed-meters.ts';
import { isTokens } from './billed-meters.ts';
import { excessOf, meteredTokens } from './cached.ts';
import type { CachedReading } from './cached.ts';
import type { Finding, Note } from './finding.ts';
import type { MeteredDay } from './inputs.ts';
import { priceThatFits } from './price-fit.ts';
import { addCosts, costAt, partOf, rateOn, unitPrice } from './rates.ts';
import type { CostRange } from './rates.ts';
import { classOf } from './rules.ts';
import { nearTokens } from './tolerance.ts';

/** Billed meters of one item and the traffics that they may be for; either side may be empty. */
export interface Side {
  readonly item: TokenItem;
  readonly meters: readonly BilledMeter[];
  readonly metered: readonly MeteredDay[];
  readonly comparable: boolean;
  readonly reading: CachedReading | undefined;
  readonly notes: readonly Note[];
}

/** A finding for each billed meter; metered tokens are shared among them by what is billed, to the token. */
export function billedFindings(side: Side, prices: readonly Price[]): readonly Finding[] {
  const { item, meters, metered } = side;
  const told = metered.flatMap((one) => {
    const tokens = meteredTokens(one, item);
    return tokens === null ? [] : [{ one, tokens }];
  });
  const total = told.reduce((sum, { tokens }) => sum + tokens, 0);
  const parts = allocate(
    total,
    meters.map(({ tokens }) => Math.max(0, tokens ?? 0)),
  );
  return meters.map((meter, index) => {
    const mine = told.length === 0 ? null : (parts[index] ?? 0);
    const whole = costOf(told, item, meter);
    const cost =
      mine === null || whole === null
        ? null
        : meters.length === 1
          ? whole
          : partOf(whole, mine, total);
    return billedFinding(side, meter, mine, cost, prices);
  });
}

function billedFinding(
  side: Side,
  meter: BilledMeter,
  metered: number | null,
  cost: CostRange | null,
  prices: readonly Price[],
): Finding {
  const { item, comparable, meters } = side;
  const { tokens: billed, nanoUsd: billedNanoUsd } = meter;
  const isOver =
    billed !== null && metered !== null && billed > metered && !nearTokens(billed, metered);
  // A meter in line by itself, of a tier without a cache perhaps, has no part in it.
  const reading = item === 'input' && isOver ? (side.reading ?? null) : null;
  const shares =
    meters.length > 1 || side.notes.includes('many_places') || side.notes.includes('split_by_bill');
  const name = classOf({
    recordType: meter.recordType,
    countsTokens: true,
    comparable,
    metered,
    billed,
    cached: reading?.kind ?? null,
    cost,
    billedNanoUsd,
    shared: shares,
  });
  const isUnseen = metered === null;
  // A plain literal: spreading into one this long makes each finding many times slower to make.
  return {
    day: meter.day,
    cloud: meter.cloud,
    account: meter.account,
    resource: meter.resource,
    region: meter.region,
    model: modelOf(meter),
    meter: meter.meter,
    item,
    class: name,
    recordType: meter.recordType,
    skipped: null,
    metered,
    billed,
    quantity: quantityOf(meter),
    cost,
    billedNano: meter.nano,
    billedNanoUsd,
    currency: meter.currency,
    driftTokens: billed === null ? null : billed - (metered ?? 0),
    driftNanoUsd: isUnseen
      ? billedNanoUsd
      : billedNanoUsd === null || cost === null
        ? null
        : billedNanoUsd - cost.best,
    reading,
    excessNano:
      reading === null || reading.kind === 'net' || !isOver
        ? null
        : excessOf(meter.nano, billed, metered),
    contract: item === 'input' ? (side.metered[0]?.contract ?? null) : null,
    notes: notesOf(side, cost),
    fit: name === 'price_or_tier_differs' ? fitOf(meter, prices) : null,
  };
}

function notesOf({ meters, metered, notes }: Side, cost: CostRange | null): readonly Note[] {
  const all = [...notes];
  if (meters.length > 1 && metered.length > 0) all.push('by_share');
  if (cost !== null && cost.low !== cost.high) all.push('price_range');
  if (metered.some(({ cards }) => cards.length > 1)) all.push('price_changed');
  return all;
}

/** Null where any of the tokens has no price. */
function costOf(
  told: readonly { readonly one: MeteredDay; readonly tokens: number }[],
  item: TokenItem,
  meter: BilledMeter,
): CostRange | null {
  const band = typeof meter.meaning === 'string' ? 'any' : meter.meaning.band;
  let sum: CostRange = { low: 0n, best: 0n, high: 0n };
  for (const { one, tokens } of told) {
    const rate = rateOn(one.cards, item, band);
    if (rate === undefined) {
      if (tokens > 0 || told.length === 1) return null;
    } else {
      sum = addCosts(sum, costAt(rate, tokens));
    }
  }
  return sum;
}

function fitOf(meter: BilledMeter, prices: readonly Price[]): Price | null {
  if (!isTokens(meter.meaning) || meter.nanoUsd === null || meter.tokens === null) return null;
  const nanoUsd = unitPrice(meter.nanoUsd, meter.tokens);
  if (nanoUsd === null) return null;
  const { cloud, account, region, day, meaning } = meter;
  return priceThatFits(prices, { cloud, account, region, day, meaning, nanoUsd }) ?? null;
}

/** What no bill line answers: one finding for each kind of traffic of a place and each item that it used. */
export function unbilledFinding(side: Side): Finding | undefined {
  const { item, metered, comparable } = side;
  const [first] = metered;
  const told = metered.map((one) => ({ one, tokens: meteredTokens(one, item) ?? 0 }));
  const tokens = told.reduce((sum, one) => sum + one.tokens, 0);
  if (first === undefined || tokens === 0) return undefined;
  let cost: CostRange | null = { low: 0n, best: 0n, high: 0n };
  for (const { one, tokens: own } of told) {
    const rate = rateOn(one.cards, item, 'any');
    if (own > 0 && rate === undefined) cost = null;
    if (rate !== undefined && cost !== null) cost = addCosts(cost, costAt(rate, own));
  }
  const { modelVersion, routing, tier } = first;
  return {
    day: first.day,
    cloud: first.cloud,
    account: first.account,
    resource: first.resource,
    region: first.region,
    model: first.model,
    meter: [item, modelVersion, routing, tier].filter((word) => word !== '').join(' '),
    item,
    class: classOf({
      recordType: null,
      countsTokens: true,
      comparable,
      metered: tokens,
      billed: null,
      cached: null,
      cost,
      billedNanoUsd: null,
      shared: false,
    }),
    recordType: null,
    skipped: null,
    metered: tokens,
    billed: null,
    quantity: null,
    cost,
    billedNano: null,
    billedNanoUsd: null,
    currency: 'USD',
    driftTokens: -tokens,
    driftNanoUsd: cost === null ? null : -cost.best,
    reading: null,
    excessNano: null,
    contract: item === 'input' ? first.contract : null,
    notes: notesOf(side, cost),
    fit: null,
  };
}

/** A line that counts no tokens: what it is, and nothing to compare it with. */
export function otherFinding(meter: BilledMeter): Finding {
  const { meaning, recordType, nanoUsd } = meter;
  const isSkipped = typeof meaning === 'string';
  const item = isSkipped ? null : meaning.item;
  return {
    day: meter.day,
    cloud: meter.cloud,
    account: meter.account,
    resource: meter.resource,
    region: meter.region,
    model: modelOf(meter),
    meter: meter.meter,
    item: item !== null && recordType === 'usage' ? item : null,
    class: classOf({
      recordType,
      countsTokens: tokenItems.some((one) => one === item),
      comparable: meter.final,
      metered: null,
      billed: null,
      cached: null,
      cost: null,
      billedNanoUsd: nanoUsd,
      shared: false,
    }),
    recordType,
    skipped: isSkipped ? meaning : null,
    metered: null,
    billed: null,
    quantity: quantityOf(meter),
    cost: null,
    billedNano: meter.nano,
    billedNanoUsd: nanoUsd,
    currency: meter.currency,
    driftTokens: null,
    driftNanoUsd: null,
    reading: null,
    excessNano: null,
    contract: null,
    notes: [],
    fit: null,
  };
}

function modelOf({ meaning }: BilledMeter): string {
  return typeof meaning === 'string' ? '' : meaning.model;
}

function quantityOf({ quantity, unit }: BilledMeter): Finding['quantity'] {
  return quantity === null ? null : { value: quantity, unit };
}
