import type { IdentityRow } from '../../core/store.ts';
import { dayMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { tokensOf } from './spans.ts';
import type { Measure } from './spans.ts';
import type { LedgerSums } from './sums.ts';

/** What grew most, against the same weekdays a week before. */
export interface Driver {
  /** `gpt-5.6-sol/chat-eu`: the model without its maker, and the deployment where there is one. */
  readonly group: string;
  /** Nano-dollars or tokens more. */
  readonly growth: number;
  /** The UTC day it began on. */
  readonly since: Instant;
  /** More tokens, dearer ones of the same kinds, or other kinds of tokens. Null of tokens. */
  readonly cause: 'volume' | 'price' | 'mix' | null;
}

const comparedDays = 7;
/** Days back from the one in progress that are held of each identity. */
const heldDays = 2 * comparedDays;
/** By day: the amount, the tokens, then each of their five kinds. */
const width = 2 + 5;

/** Finds what drives some identities' spending, from rows that are read already. */
export type FindDriver = (
  places: readonly number[],
  measure: Measure,
  mostDays: number,
) => Driver | undefined;

export function driverFinder(sums: LedgerSums): FindDriver {
  const tables = new Map<Measure, ReadonlyMap<number, Float64Array>>();
  const dayShare = (sums.now - sums.days.end) / dayMs;
  return (places, measure, mostDays) => {
    const table = tables.get(measure) ?? tableOf(sums, measure);
    tables.set(measure, table);
    const groups = new Map<string, Float64Array[]>();
    for (const place of places) {
      const identity = sums.classes.identities[place];
      const row = identity && table.get(identity.id);
      if (identity === undefined || row === undefined) continue;
      const name = groupName(identity);
      const rows = groups.get(name);
      if (rows === undefined) groups.set(name, [row]);
      else rows.push(row);
    }
    const grown = [...groups].map(([group, rows]) => {
      return { group, rows, ...growthOf(rows, dayShare, Math.min(mostDays, comparedDays)) };
    });
    const most = grown.toSorted((a, b) => b.growth - a.growth || (a.group < b.group ? -1 : 1))[0];
    if (most === undefined || most.growth <= 0) return undefined;
    return {
      group: most.group,
      growth: most.growth,
      since: sums.days.end - (most.days - 1) * dayMs,
      cause: measure === 'tokens' ? null : causeOf(most.rows, most.days, dayShare),
    };
  };
}

/** By identity id: the day in progress first, then back day by day. */
function tableOf(sums: LedgerSums, measure: Measure): ReadonlyMap<number, Float64Array> {
  const table = new Map<number, Float64Array>();
  const of = (id: number) => {
    const row = table.get(id) ?? new Float64Array((heldDays + 1) * width);
    table.set(id, row);
    return row;
  };
  const placeOf = (bucket: Instant) => {
    const back = Math.max(Math.ceil((sums.days.end - bucket) / dayMs), 0);
    return back > heldDays ? undefined : back * width;
  };
  for (const { amounts, capacity } of [...sums.dailyRows, ...sums.todayRows]) {
    for (const one of amounts) {
      const at = placeOf(one.bucket);
      if (at === undefined) continue;
      const row = of(one.identityId);
      const tokens = tokensOf(one);
      add(row, at, measure === 'tokens' ? tokens : Number(costOf(one, measure) ?? 0n));
      add(row, at + 1, tokens);
      add(row, at + 2, one.input ?? 0);
      add(row, at + 3, one.cacheRead ?? 0);
      add(row, at + 4, one.cacheWrite ?? 0);
      add(row, at + 5, one.output ?? 0);
      add(row, at + 6, one.unsplitInput ?? 0);
    }
    for (const one of capacity) {
      const at = placeOf(one.bucket);
      if (at === undefined || measure === 'tokens') continue;
      add(of(one.identityId), at, Number(costOf(one, measure) ?? 0n));
    }
  }
  return table;
}

function add(row: Float64Array, index: number, value: number): void {
  row[index] = (row[index] ?? 0) + value;
}

function costOf(
  row: {
    readonly cost: bigint | null;
    readonly costLow: bigint | null;
    readonly costHigh: bigint | null;
  },
  measure: Measure,
): bigint | null {
  return measure === 'low' ? row.costLow : measure === 'high' ? row.costHigh : row.cost;
}

function groupName({ model, deployment }: IdentityRow): string {
  const short = model.slice(model.lastIndexOf('/') + 1);
  return deployment === '' ? short : `${short}/${deployment}`;
}

/** The growth over the compared days, and the fewest days back that hold nearly all of it. */
function growthOf(rows: readonly Float64Array[], dayShare: number, mostDays: number) {
  const growth: number[] = [];
  for (let back = 0; back < mostDays; back += 1) {
    // Of the day in progress as much of its forerunner as is gone of it.
    const share = back === 0 ? dayShare : 1;
    const more = rows.reduce((sum, row) => {
      const before = row[(back + comparedDays) * width] ?? 0;
      return sum + (row[back * width] ?? 0) - before * share;
    }, 0);
    growth.push((growth.at(-1) ?? 0) + more);
  }
  const most = Math.max(...growth);
  const days = growth.findIndex((sum) => sum >= 0.9 * most) + 1;
  return { growth: growth[days - 1] ?? 0, days };
}

function causeOf(rows: readonly Float64Array[], days: number, dayShare: number): Driver['cause'] {
  const over = (row: Float64Array, first: number, column: number) => {
    let sum = 0;
    for (let back = 0; back < days; back += 1) {
      const share = back === 0 && first > 0 ? dayShare : 1;
      sum += (row[(first + back) * width + column] ?? 0) * share;
    }
    return sum;
  };
  const all = (first: number, column: number) =>
    rows.reduce((sum, row) => sum + over(row, first, column), 0);
  const [cost, tokens] = [all(0, 0), all(0, 1)];
  const [costBefore, tokensBefore] = [all(comparedDays, 0), all(comparedDays, 1)];
  if (costBefore === 0 || tokensBefore === 0 || tokens === 0) return 'volume';
  const byVolume = (tokens - tokensBefore) * (costBefore / tokensBefore);
  if (byVolume >= (cost - costBefore) / 2) return 'volume';
  // Half the distance of the shares is how much of the tokens changed its kind.
  let moved = 0;
  for (const row of rows) {
    for (let kind = 2; kind < width; kind += 1) {
      const [is, was] = [over(row, 0, kind) / tokens, over(row, comparedDays, kind) / tokensBefore];
      moved += Math.abs(is - was) / 2;
    }
  }
  return moved > 0.05 ? 'mix' : 'price';
}
