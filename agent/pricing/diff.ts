import { bandlessKey, priceKey } from '../core/listed-prices.ts';
import type { PriceListing } from '../core/price-list.ts';
import { endOfTime } from '../core/price.ts';
import type { ContextBand, Price } from '../core/price.ts';
import type { Instant } from '../core/time.ts';
import { createBook } from './book.ts';
import type { PriceBook } from './book.ts';
import { disputeOf, guardOf, isFar, ratioOf } from './guard.ts';

/** Why a change is not taken before somebody says so. */
export type WaitReason =
  /** It moves by more than the guard. */
  | 'moved'
  /** Another source's price for the same is further away than the guard. */
  | 'disputed'
  /** The list has it no longer. */
  | 'vanished';

/** One price that is not what it was. */
export interface PriceChange {
  /** Of the thing and of what it would become: who accepts this accepts no later, other change. */
  readonly id: string;
  readonly kind: 'added' | 'changed' | 'ended';
  /** The row that ends; absent where there was none. */
  readonly before?: Price;
  /** The row that begins; absent where the price is gone. */
  readonly after?: Price;
  /** When `before` ends and `after` begins. */
  readonly at: Instant;
  /** New price over old one, for a person; absent where one of them is missing or the old one is zero. */
  readonly ratio?: number;
  /** Another source's price that `after` is too far from. */
  readonly disputedBy?: Price;
  /** None: it may be taken. */
  readonly waitsFor: readonly WaitReason[];
}

/** What a listing says that the book does not. */
export interface PriceDiff {
  readonly changes: readonly PriceChange[];
  /** Prices, each with one of its bands, that the listing repeats. */
  readonly unchanged: number;
}

interface Context {
  readonly guardPpm: bigint;
  readonly others: PriceBook;
  readonly fetchedAt: Instant;
}

/**
 * Compares a listing with the book's rows, those of other sources among them. Only rows of the listing's own source and
 * regions can change or end. The same price under a newer date or version is unchanged: vendors date their lists anew
 * without changing them. `confirmAbove` is the guard, 0.3 for 30 %. The user's own file disputes nothing: what it says is
 * agreed, not listed, and wins anyway.
 */
export function diffPrices(
  rows: readonly Price[],
  listing: PriceListing,
  confirmAbove: number,
): PriceDiff {
  const { source, regions, fetchedAt } = listing;
  const others = rows.filter((row) => row.source !== source && row.source !== 'file');
  const context: Context = {
    guardPpm: guardOf(confirmAbove),
    others: createBook(others, []),
    fetchedAt,
  };
  const own = rows.filter((row) => row.source === source && isLookedAt(row, regions));
  const groups = groupedBy(own);
  const listed = groupedBy(listing.prices);
  const changes: PriceChange[] = [];
  let unchanged = 0;
  for (const key of [...new Set([...listed.keys(), ...groups.keys()])].toSorted()) {
    const found = diffOne(groups.get(key) ?? [], listed.get(key) ?? [], context);
    changes.push(...waitingTogether(found.changes));
    unchanged += found.unchanged;
  }
  return { changes, unchanged };
}

function isLookedAt(row: Price, regions: readonly string[]): boolean {
  return row.region === '' || regions.includes(row.region);
}

/** By what has a price; the bands and dates of one price stay together. */
function groupedBy(prices: readonly Price[]): ReadonlyMap<string, readonly Price[]> {
  const groups = new Map<string, Price[]>();
  for (const price of prices) {
    const key = bandlessKey(price);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [price]);
    else group.push(price);
  }
  return groups;
}

type Open = ReadonlyMap<ContextBand, Price>;
type Series = ReadonlyMap<ContextBand, readonly Price[]>;

/** What the list says now of one price, all its bands, against what is open in the book. */
function diffOne(
  rows: readonly Price[],
  listed: readonly Price[],
  context: Context,
): { readonly changes: readonly PriceChange[]; readonly unchanged: number } {
  const open: Open = new Map(
    rows.filter(({ to }) => to === endOfTime).map((row) => [row.band, row]),
  );
  const bands = seriesByBand(listed);
  const isOther = open.size > 0 && bands.size > 0 && open.has('any') !== bands.has('any');
  if (isOther) return { changes: switched(open, bands, latestOf(rows), context), unchanged: 0 };
  const floor = floorOf(rows, context.fetchedAt);
  const changes: PriceChange[] = [];
  let unchanged = 0;
  for (const [band, series] of bands) {
    const found = inOneBand(open.get(band), series, floor, context);
    changes.push(...found);
    if (found.length === 0) unchanged += 1;
  }
  for (const before of open.values()) {
    if (bands.has(before.band)) continue;
    changes.push(ended(before, Math.max(context.fetchedAt, before.from)));
  }
  return { changes, unchanged };
}

function inOneBand(
  standing: Price | undefined,
  series: readonly Price[],
  floor: (from: Instant) => Instant,
  context: Context,
): readonly PriceChange[] {
  const changes: PriceChange[] = [];
  let before = standing;
  for (const [index, price] of series.entries()) {
    const at = before === undefined ? floor(price.from) : dayOf(price, before, context.fetchedAt);
    const isPast = before !== undefined && price.from <= before.from && index < series.length - 1;
    if (isPast || (before !== undefined && isSame(price, before))) continue;
    const change = begun(price, before, at, context);
    changes.push(change);
    before = change.after;
  }
  return changes;
}

function isSame(a: Price, b: Price): boolean {
  return a.nanoUsd === b.nanoUsd && a.thresholdTokens === b.thresholdTokens;
}

/**
 * A row that is dated before what it contradicts is taken from when it was seen: no day that is priced already changes
 * behind anybody's back.
 */
function dayOf(price: Price, before: Price, fetchedAt: Instant): Instant {
  return price.from > before.from ? price.from : Math.max(fetchedAt, before.from);
}

/** The last day on which the book's rows begin, or end. */
function latestOf(rows: readonly Price[]): Instant {
  return Math.max(0, ...rows.map(({ from, to }) => (to === endOfTime ? from : to)));
}

/** A band without an open row begins after what was before, and beside the other band not before it was seen. */
function floorOf(rows: readonly Price[], fetchedAt: Instant): (from: Instant) => Instant {
  const isOpen = rows.some(({ to }) => to === endOfTime);
  const latest = latestOf(rows);
  return (from) =>
    from > latest || !isOpen ? Math.max(from, latest) : Math.max(fetchedAt, latest);
}

/**
 * A price for requests of any length that becomes two, or two that become one, do so on one day: the list's where all its
 * rows agree on a later one than the book's, else when it was seen. Only what the list says last counts.
 */
function switched(
  open: Open,
  bands: Series,
  latest: Instant,
  context: Context,
): readonly PriceChange[] {
  const last = [...bands.values()].flatMap((series) => series.slice(-1));
  const days = new Set(last.map(({ from }) => from));
  const [day = 0] = days;
  const isAgreed = days.size === 1 && day > latest;
  const at = isAgreed ? day : Math.max(context.fetchedAt, latest, ...days);
  const left = new Map(open);
  const changes = last.map((price) => {
    const before =
      price.band === 'long' ? undefined : open.get(price.band === 'any' ? 'short' : 'any');
    if (before !== undefined) left.delete(before.band);
    return begun(price, before, at, context);
  });
  return [...changes, ...[...left.values()].map((before) => ended(before, at))];
}

function seriesByBand(listed: readonly Price[]): Series {
  const bands = new Map<ContextBand, readonly Price[]>();
  for (const price of listed.toSorted((a, b) => a.from - b.from)) {
    bands.set(price.band, [...(bands.get(price.band) ?? []), price]);
  }
  return bands;
}

function begun(
  price: Price,
  before: Price | undefined,
  at: Instant,
  context: Context,
): PriceChange {
  const after: Price = { ...price, from: at, to: endOfTime };
  const ratio = before === undefined ? undefined : ratioOf(before.nanoUsd, after.nanoUsd);
  return {
    id: `${priceKey(price)}=${price.nanoUsd}@${price.from}`,
    kind: before === undefined ? 'added' : 'changed',
    ...(before === undefined ? {} : { before }),
    after,
    at,
    ...(ratio === undefined ? {} : { ratio }),
    ...doubtsOf(after, before, context),
  };
}

function ended(before: Price, at: Instant): PriceChange {
  return { id: `${priceKey(before)}=gone`, kind: 'ended', before, at, waitsFor: ['vanished'] };
}

function doubtsOf(
  after: Price,
  before: Price | undefined,
  { guardPpm, others }: Context,
): Pick<PriceChange, 'waitsFor' | 'disputedBy'> {
  const waitsFor: WaitReason[] = [];
  if (before !== undefined && isFar(before.nanoUsd, after.nanoUsd, guardPpm)) {
    waitsFor.push('moved');
  }
  const disputedBy = disputeOf(after, others, guardPpm);
  if (disputedBy === undefined) return { waitsFor };
  return { waitsFor: [...waitsFor, 'disputed'], disputedBy };
}

/** Bands and dates of one price are taken together or not at all: between them they must cover every request once. */
function waitingTogether(changes: readonly PriceChange[]): readonly PriceChange[] {
  const waitsFor = [...new Set(changes.flatMap((change) => change.waitsFor))];
  return changes.map((change) => ({ ...change, waitsFor }));
}
