import type { LedgerRetention } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, minuteMs } from '../../agent/core/time.ts';
import { openRefresh } from './fresh-memory.ts';
import type { FreshParts } from './fresh-memory.ts';

/** Numbers of an hour's row, the minute first, in the order they are read; NaN: null. */
export const hourWidth = 7;

/**
 * Hours of latency by UTC day, identity and phase, as they were last read. It keeps eight megabytes at most and nothing five
 * minutes after the last question, and forgets what changed.
 */
export interface LatencyMemory {
  /** To be called before anything is asked for, and again after others had their turn. */
  refresh(): void;
  /** Hours of a day one after the other; undefined: not kept. */
  get(key: number, day: number): Float64Array | undefined;
  put(key: number, day: number, hours: Float64Array): void;
  /** Rows that were given up for their age are in the file no more. */
  aged(now: Instant, retention: LedgerRetention): void;
}

/** Days of identities, a phase each, that are kept. */
export const mostLatencyDays = 5_000;

const mostBytes = 8 * 1_024 * 1_024;
/** Nobody asked for so long: the memory is worth more to others. */
const keptMs = 300_000;
/** What a list takes beside its numbers. */
const overheadBytes = 250;
const dayMinutes = dayMs / minuteMs;

/** Of an identity and a phase, which are two at most. */
export const latencyKey = (identityId: number, phase: number) => identityId * 2 + phase;

export function openLatencyMemory(parts: FreshParts): LatencyMemory {
  /** By day, in minutes since the epoch, in the order of their last use. */
  const days = new Map<number, Map<number, Float64Array>>();
  let bytes = 0;
  let drop: NodeJS.Timeout | undefined;

  function forgetAll(): void {
    days.clear();
    bytes = 0;
  }

  function forgetDay(day: number): void {
    for (const hours of days.get(day)?.values() ?? []) bytes -= sizeOf(hours);
    days.delete(day);
  }

  const refresh = openRefresh(parts, {
    isEmpty: () => days.size === 0,
    forgetAll,
    forget(_, ids, start, end) {
      for (let day = floorTo(start, dayMinutes); day < ceilTo(end, dayMinutes); day += dayMinutes) {
        const of = days.get(day);
        if (of === undefined) continue;
        for (const id of ids) {
          for (const phase of [0, 1]) {
            const key = latencyKey(id, phase);
            const hours = of.get(key);
            if (hours === undefined) continue;
            bytes -= sizeOf(hours);
            of.delete(key);
          }
        }
      }
    },
  });

  return {
    refresh() {
      refresh();
      clearTimeout(drop);
      drop = setTimeout(forgetAll, keptMs).unref();
    },
    get: (key, day) => days.get(day)?.get(key),
    put(key, day, hours) {
      const of = days.get(day) ?? new Map<number, Float64Array>();
      const before = of.get(key);
      if (before !== undefined) bytes -= sizeOf(before);
      of.set(key, hours);
      bytes += sizeOf(hours);
      days.delete(day);
      days.set(day, of);
      for (const oldest of days.keys()) {
        if (bytes <= mostBytes) break;
        forgetDay(oldest);
      }
    },
    aged(now, { hourSeconds }) {
      for (const day of days.keys()) {
        if (day * minuteMs < now - hourSeconds * 1_000) forgetDay(day);
      }
    },
  };
}

function sizeOf(hours: Float64Array): number {
  return hours.byteLength + overheadBytes;
}
