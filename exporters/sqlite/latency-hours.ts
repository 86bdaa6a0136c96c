import { setImmediate } from 'node:timers/promises';
import type { Phase } from '../../agent/core/meter.ts';
import type { AmountQuery, LatencyRow, LedgerRetention } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { dayMs, floorTo, minuteMs } from '../../agent/core/time.ts';
import type { FreshParts } from './fresh-memory.ts';
import { hourWidth, latencyKey, mostLatencyDays, openLatencyMemory } from './latency-memory.ts';
import { addPoint } from './latency.ts';
import type { Mutable } from './latency.ts';

/** In the order of the table. */
const phases: readonly Phase[] = ['first_token', 'request'];

/** Rows that are read before others have their turn: some milliseconds. */
const rowsAtOnce = 4_000;

const dayMinutes = dayMs / minuteMs;

/** Minute, count, weight, weighted milliseconds, least, greatest, 90th percentile. */
type Stored = readonly (number | null)[];

type Query = Omit<AmountQuery, 'grain'>;

type Visit = (row: LatencyRow) => void;

/** Hours of latency; what was read stays in memory for the next question, as long as it is asked for. */
export interface LatencyHours {
  latency(query: Query): Promise<readonly LatencyRow[]>;
  /** The same rows, by identity, phase and time, each in the object of the one before. Lets other work through while it reads. */
  each(query: Query, visit: Visit): Promise<void>;
  /** Rows that were given up for their age are in the file no more. */
  aged(now: Instant, retention: LedgerRetention): void;
}

export function openLatencyHours(parts: FreshParts): LatencyHours {
  // With the phase named, the range of minutes is a part of the key.
  const find = parts.db
    .prepare<[number, Phase, number, number], Stored>(
      `SELECT minute, count, weight, weighted_ms, min_ms, max_ms, p90_ms FROM latency_hour
       WHERE identity_id = ? AND phase = ? AND minute >= ? AND minute < ? ORDER BY minute`,
    )
    .raw();
  const memory = openLatencyMemory(parts);

  /** The hours of some days by the day, in one read from the first that is not kept to the last. */
  function hoursOf(identityId: number, phase: number, days: readonly number[]) {
    const key = latencyKey(identityId, phase);
    const lists = days.map((day) => memory.get(key, day));
    const first = lists.indexOf(undefined);
    if (first === -1) return { lists, read: 0 };
    const last = lists.lastIndexOf(undefined);
    const [from, to] = [days[first] ?? 0, (days[last] ?? 0) + dayMinutes];
    const rows = find.all(identityId, phases[phase] ?? 'request', from, to);
    let at = 0;
    for (let place = first; place <= last; place += 1) {
      const day = days[place] ?? 0;
      const begin = at;
      while (at < rows.length && (rows[at]?.[0] ?? 0) < day + dayMinutes) at += 1;
      const list = packed(rows, begin, at);
      lists[place] = list;
      memory.put(key, day, list);
    }
    return { lists, read: rows.length };
  }

  function readHours(identityId: number, phase: number, start: number, end: number) {
    const rows = find.all(identityId, phases[phase] ?? 'request', start, end);
    return { lists: [packed(rows, 0, rows.length)], read: rows.length };
  }

  async function each({ identityIds, window, bucketMs }: Query, visit: Visit): Promise<void> {
    const [start, end] = [window.start / minuteMs, window.end / minuteMs];
    const days = daysOf(start, end);
    const isKept = days.length * identityIds.length <= mostLatencyDays;
    let turn = 0;
    if (isKept) memory.refresh();
    for (const id of identityIds.toSorted((a, b) => a - b)) {
      for (const [place, phase] of phases.entries()) {
        const { lists, read } = isKept
          ? hoursOf(id, place, days)
          : readHours(id, place, start, end);
        addHours(visit, lists, { id, phase, start, end, bucketMs });
        turn += read + 10;
      }
      if (turn < rowsAtOnce) continue;
      turn = 0;
      await setImmediate();
      if (isKept) memory.refresh();
    }
  }

  async function latency(query: Query): Promise<readonly LatencyRow[]> {
    const rows: LatencyRow[] = [];
    await each(query, (row) => rows.push({ ...row }));
    return rows;
  }

  return { latency, each, aged: (now, retention) => memory.aged(now, retention) };
}

/** The days that a span of minutes touches, as the minutes they begin at. */
function daysOf(start: number, end: number): readonly number[] {
  const days: number[] = [];
  for (let day = floorTo(start, dayMinutes); day < end; day += dayMinutes) days.push(day);
  return days;
}

const nothing = new Float64Array(0);

function packed(rows: readonly Stored[], begin: number, end: number): Float64Array {
  if (begin === end) return nothing;
  const list = new Float64Array((end - begin) * hourWidth);
  for (let at = begin; at < end; at += 1) {
    const row = rows[at] ?? [];
    const index = (at - begin) * hourWidth;
    for (let i = 0; i < hourWidth; i += 1) list[index + i] = row[i] ?? Number.NaN;
  }
  return list;
}

interface Place {
  readonly id: number;
  readonly phase: Phase;
  /** In minutes, like the two that follow. */
  readonly start: number;
  readonly end: number;
  /** 0: one bucket, which starts with the span. */
  readonly bucketMs: number;
}

type Row = Mutable<LatencyRow>;

/** Adds hours of one identity and phase, which are in the order of their time. */
function addHours(
  visit: Visit,
  lists: readonly (Float64Array | undefined)[],
  { id, phase, start, end, bucketMs }: Place,
): void {
  const sum = emptyRow(id, phase);
  const hour = emptyRow(id, phase);
  let hours = 0;
  for (const list of lists) {
    if (list === undefined) continue;
    for (let at = 0; at < list.length; at += hourWidth) {
      const minute = list[at] as number;
      if (minute < start || minute >= end) continue;
      const bucket = bucketMs === 0 ? start * minuteMs : floorTo(minute * minuteMs, bucketMs);
      if (hours > 0 && sum.bucket === bucket) {
        fill(hour, list, at);
        addPoint(sum, hour);
      } else {
        if (hours > 0) visit(sum);
        fill(sum, list, at);
        sum.bucket = bucket;
      }
      hours += 1;
    }
  }
  if (hours > 0) visit(sum);
}

function emptyRow(identityId: number, phase: Phase): Row {
  const figures = { count: null, weight: 0, avgMs: null, minMs: null, maxMs: null, p90Ms: null };
  return { identityId, phase, bucket: 0, ...figures };
}

function fill(row: Row, list: Float64Array, at: number): void {
  const weight = list[at + 2] as number;
  const weightedMs = known(list[at + 3]);
  row.count = known(list[at + 1]);
  row.weight = weight;
  row.avgMs = weightedMs === null ? null : weightedMs / weight;
  row.minMs = known(list[at + 4]);
  row.maxMs = known(list[at + 5]);
  row.p90Ms = known(list[at + 6]);
}

function known(value = Number.NaN): number | null {
  return Number.isNaN(value) ? null : value;
}
