import type { Target } from '../core/collector.ts';
import type { MeterUnit } from '../core/collector.ts';
import type { Instant } from '../core/time.ts';
import { hourMs, secondMs } from '../core/time.ts';
import type { DueWindow } from './due.ts';
import { traffics } from './pieces.ts';

/** Without a point for this long a unit is idle. */
const quietMs = 3 * hourMs;
/** Idle units are read this often, or at every poll where polls are rarer. */
const idleSeconds = 15 * 60;

/** Which units of one target had points lately, by what was read since the start. A restart forgets it: unknown is busy. */
export interface Activity {
  /** @param newest the end of the newest period with a point, by unit key */
  note(read: DueWindow, newest: ReadonlyMap<string, Instant>): void;
  /** Read up to now without a point in the last three hours. */
  isIdle(unitKey: string): boolean;
  /** Up to where it was read; undefined before the first read. */
  readTo(unitKey: string): Instant | undefined;
}

interface Seen {
  /** A span that was read without a hole. */
  readonly from: Instant;
  readonly to: Instant;
  readonly newest: Instant;
}

export function createActivity(): Activity {
  const seen = new Map<string, Seen>();
  return {
    note({ window, units }, newest) {
      for (const { key } of units) {
        const now = {
          from: window.start,
          to: window.end,
          newest: newest.get(key) ?? Number.NEGATIVE_INFINITY,
        };
        const known = seen.get(key);
        seen.set(key, known === undefined ? now : joined(known, now));
      }
    },
    isIdle(unitKey) {
      const known = seen.get(unitKey);
      return known !== undefined && known.to - Math.max(known.from, known.newest) >= quietMs;
    },
    readTo: (unitKey) => seen.get(unitKey)?.to,
  };
}

/** Of two spans with a hole between them only the newer one counts: what lies in the hole nobody knows. */
function joined(a: Seen, b: Seen): Seen {
  const newest = Math.max(a.newest, b.newest);
  if (a.to < b.from) return { ...b, newest };
  if (b.to < a.from) return { ...a, newest };
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to), newest };
}

export interface Turn {
  /** What is read at this poll. */
  readonly now: readonly MeterUnit[];
  /** Those of traffics without a point in three hours, read now or not. */
  readonly idle: readonly MeterUnit[];
}

/**
 * What is read at a poll: busy units at each, idle ones every quarter of an hour. The meters of one traffic go together,
 * for its figures are those of all of them: a model in use is read whole.
 * @param idleFactor how many times as long idle ones wait
 */
export function turnOf(
  target: Target,
  activity: Activity,
  head: Instant,
  everySeconds: number,
  idleFactor = 1,
): Turn {
  const now: MeterUnit[] = [];
  const idle: MeterUnit[] = [];
  const restMs = (idlePolls(everySeconds) * idleFactor - 0.5) * everySeconds * secondMs;
  for (const { units } of traffics(target, target.units)) {
    const isIdle = units.every((unit) => activity.isIdle(unit.key));
    if (isIdle) idle.push(...units);
    const readTo = Math.min(...units.map(({ key }) => activity.readTo(key) ?? -Infinity));
    if (!isIdle || head - readTo >= restMs) now.push(...units);
  }
  return { now, idle };
}

/** From one read of an idle unit to the next, in polls. */
export function idlePolls(everySeconds: number): number {
  return Math.max(1, Math.floor(idleSeconds / everySeconds));
}
