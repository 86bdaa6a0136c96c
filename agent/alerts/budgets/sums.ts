import type { AmountRow, CostSums, SumTable, UsageReader } from '../../core/store.ts';
import { ceilTo, dayMs, floorTo, hourMs } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import { tokenAmounts } from '../../core/usage.ts';
import { amountOfSum } from '../../query/amount-of-sum.ts';
import type { Classes } from './classes.ts';
import type { HeldRhythm } from './rhythm.ts';
import { measures, readFromCutHour, readSpan, tokensOf } from './spans.ts';
import type { Measure, SpanReader, SpanRows } from './spans.ts';

/** A number for each class, or for each class and day. */
export type Sums = Readonly<Record<Measure, Float64Array>>;

/** What the ledger holds, added up by class: read once for all budgets. */
export interface LedgerSums {
  readonly classes: Classes;
  readonly now: Instant;
  /** Whole UTC days up to the one in progress. */
  readonly days: Window;
  readonly dayCount: number;
  /** By class, then by day. */
  readonly daily: Sums;
  /** The rows behind the days, and behind the day in progress. */
  readonly dailyRows: readonly SpanRows[];
  readonly todayRows: readonly SpanRows[];
  readonly today: Sums;
  /** By class, 24 each: how the hours of a UTC day went of late, in tokens. */
  readonly hours: Float64Array;
  /** By class, of any span; the same span is read once. */
  over(span: Window): Promise<Sums>;
}

/** Days that the rhythm of the hours is told by. */
const rhythmDays = 7;

/**
 * @param rows whose rows are kept: all identities', or where nobody asks who drives a budget those of classes, if any
 */
export async function readSums(
  ledger: UsageReader,
  classes: Classes,
  now: Instant,
  since: Instant,
  rhythm: HeldRhythm,
  rows: 'identities' | 'classes' = 'identities',
): Promise<LedgerSums> {
  const readUntil = await ledger.readUntil();
  const reader = { ...(rows === 'identities' ? ledger : byClass(ledger, classes)), readUntil };
  const { places } = classes;
  const midnight = floorTo(now, dayMs);
  const days = { start: floorTo(since, dayMs), end: midnight };
  const dayCount = (days.end - days.start) / dayMs;
  const whole = (found: readonly SpanRows[]) => addUp(found, places, classes, 1, 0, () => 0);

  const [dailyRows, todayRows, hours] = await Promise.all([
    readSpan(reader, classes, days, dayMs),
    readSpan(reader, classes, { start: midnight, end: now }),
    rhythm.of(midnight, classes.fingerprint, async () => {
      const week = { start: midnight - rhythmDays * dayMs, end: midnight };
      const quick = await ledger.hoursOfDay?.({ sets: classes.sets, window: week });
      if (quick !== undefined) return Float64Array.from(quick.flatMap((own) => [...own]));
      const found = await readSpan(reader, classes, week, hourMs);
      return addUp(found, places, classes, 24, hourMs, (at) => (at % dayMs) / hourMs).tokens;
    }),
  ]);
  const daily = addUp(
    dailyRows,
    places,
    classes,
    dayCount,
    dayMs,
    (at) => (at - days.start) / dayMs,
  );
  const today = whole(todayRows);

  const spans = new Map<string, Promise<Sums>>();
  async function read(span: Window): Promise<Sums> {
    const from = ceilTo(span.start, dayMs);
    const to = floorTo(span.end, dayMs);
    // Days that are held already are not read again: what is cut off at either end is.
    if (from > to || to > days.end || from < days.start) {
      return whole(await readFromCutHour(reader, classes, span));
    }
    const isToNow = to === midnight && span.end >= now;
    const [head, tail] = await Promise.all([
      readFromCutHour(reader, classes, { start: span.start, end: from }),
      isToNow ? [] : readSpan(reader, classes, { start: to, end: span.end }),
    ]);
    const ends = whole([...head, ...tail]);
    const [first, last] = [(from - days.start) / dayMs, (to - days.start) / dayMs];
    return onDemand((name) => {
      const [column, rest, sums] = [daily[name], today[name], ends[name].slice()];
      for (let one = 0; one < sums.length; one += 1) {
        let sum = (sums[one] ?? 0) + (isToNow ? (rest[one] ?? 0) : 0);
        const row = one * dayCount;
        for (let at = row + first; at < row + last; at += 1) sum += column[at] ?? 0;
        sums[one] = sum;
      }
      return sums;
    });
  }

  return {
    classes,
    now,
    days,
    dayCount,
    daily,
    dailyRows,
    todayRows,
    today,
    hours,
    over(span) {
      const key = `${span.start} ${span.end}`;
      const known = spans.get(key) ?? read(span);
      spans.set(key, known);
      return known;
    },
  };
}

/** A reader by which one of a class stands for all of it. What is read is always read of all that is metered. */
function byClass(ledger: UsageReader, { sets }: Classes): Omit<SpanReader, 'readUntil'> {
  return {
    capacityCosts: (query) => ledger.capacityCosts(query),
    async table({ grain, window, bucketMs }) {
      return (await ledger.sumTable?.({ grain, window, bucketMs, sets, figures })) ?? null;
    },
    async amounts({ grain, window, bucketMs }) {
      const found = await ledger.sums({ grain, window, bucketMs, sets });
      const rows: AmountRow[] = [];
      for (const row of found) {
        const identityId = sets[row.set]?.[0];
        // Named one by one: there are many, and spreading them is slow.
        if (identityId !== undefined) rows.push(amountOfSum(row, identityId));
      }
      return rows;
    },
  };
}

/** What budgets count of what a table holds. */
const figures = [...tokenAmounts, 'cost', 'costLow', 'costHigh', 'unpricedTokens'] as const;

function byMeasure(make: (name: Measure) => Float64Array): Sums {
  const [low, best, high, tokens, unpriced] = measures.map(make);
  const none = new Float64Array();
  return {
    low: low ?? none,
    best: best ?? none,
    high: high ?? none,
    tokens: tokens ?? none,
    unpriced: unpriced ?? none,
  };
}

/** Each measure is made when it is first asked for: most budgets ask for one and the tokens. */
function onDemand(make: (name: Measure) => Float64Array): Sums {
  const made = new Map<Measure, Float64Array>();
  const of = (name: Measure) => {
    const sums = made.get(name) ?? make(name);
    made.set(name, sums);
    return sums;
  };
  return {
    get low() {
      return of('low');
    },
    get best() {
      return of('best');
    },
    get high() {
      return of('high');
    },
    get tokens() {
      return of('tokens');
    },
    get unpriced() {
      return of('unpriced');
    },
  };
}

function addUp(
  pages: readonly SpanRows[],
  places: ReadonlyMap<number, number>,
  { classOf, count }: Classes,
  width: number,
  bucketMs: number,
  slotOf: (bucket: Instant) => number,
): Sums {
  const sums = byMeasure(() => new Float64Array(count * width));
  const { tokens } = sums;
  for (const { amounts, table, capacity, share } of pages) {
    if (table !== undefined && table !== null) {
      for (let bucket = 0; bucket < table.buckets; bucket += 1) {
        const slot = slotOf(table.first + bucket * bucketMs);
        addBucket(sums, { width, slot, count }, table, bucket, share);
      }
    }
    // Rows of an identity mostly stand side by side.
    let identityId: number | undefined;
    let place: number | undefined;
    for (const row of amounts) {
      if (row.identityId !== identityId) {
        identityId = row.identityId;
        place = places.get(identityId);
      }
      if (place === undefined) continue;
      const index = (classOf[place] ?? 0) * width + slotOf(row.bucket);
      tokens[index] = (tokens[index] ?? 0) + tokensOf(row) * share;
      addCost(sums, index, row, share);
    }
    for (const row of capacity) {
      const bearer = places.get(row.identityId);
      if (bearer === undefined) continue;
      addCost(sums, (classOf[bearer] ?? 0) * width + slotOf(row.bucket), row, share);
    }
  }
  return sums;
}

/** One bucket of every class to its slot. */
function addBucket(
  sums: Sums,
  { width, slot, count }: { readonly width: number; readonly slot: number; readonly count: number },
  { amounts, costs, buckets }: SumTable,
  bucket: number,
  share: number,
): void {
  const at = (column: Float64Array, one: number) => column[one * buckets + bucket] ?? Number.NaN;
  for (let one = 0; one < count; one += 1) {
    const index = one * width + slot;
    for (const name of tokenAmounts) bump(sums.tokens, index, at(amounts[name], one) * share);
    bump(sums.unpriced, index, at(costs.unpricedTokens, one) * share);
    const [cost, low, high] = [
      at(costs.cost, one),
      at(costs.costLow, one),
      at(costs.costHigh, one),
    ];
    if (Number.isNaN(cost) || Number.isNaN(low) || Number.isNaN(high)) continue;
    bump(sums.best, index, cost * share);
    bump(sums.low, index, low * share);
    bump(sums.high, index, high * share);
  }
}

/** NaN is nothing. */
function bump(sums: Float64Array, index: number, by: number): void {
  if (!Number.isNaN(by)) sums[index] = (sums[index] ?? 0) + by;
}

function addCost(sums: Sums, index: number, row: CostSums, share: number): void {
  const { low, best, high, unpriced } = sums;
  unpriced[index] = (unpriced[index] ?? 0) + row.unpricedTokens * share;
  if (row.cost === null || row.costLow === null || row.costHigh === null) return;
  const cost = Number(row.cost) * share;
  best[index] = (best[index] ?? 0) + cost;
  low[index] = (low[index] ?? 0) + (row.costLow === row.cost ? cost : Number(row.costLow) * share);
  high[index] =
    (high[index] ?? 0) + (row.costHigh === row.cost ? cost : Number(row.costHigh) * share);
}
