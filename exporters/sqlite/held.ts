import type { Readings } from '../../agent/core/reading.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Largest } from './most-input.ts';
import type { Point, ReadingStore, SeriesSums } from './readings.ts';

/** What a commit has in hand of its window, so that nobody reads it back from the file. */
export interface Held {
  readonly window: Window;
  readonly periodSeconds: number;
  /** By series: all sums of the window. */
  readonly sums: HeldSums;
  /** Series of which there was nothing before. */
  readonly created: ReadonlySet<number>;
}

/** By series. */
export type HeldSums = ReadonlyMap<number, SeriesSums>;

/** The points of the ledger: those in hand, and from the file what lies around them. */
export function pointsWith(readings: ReadingStore, held: Held | undefined): ReadingStore['points'] {
  return (seriesId, periodSeconds, window) => {
    const own = periodSeconds === held?.periodSeconds ? held.sums.get(seriesId) : undefined;
    if (held === undefined || own?.columns === undefined) {
      return readings.points(seriesId, periodSeconds, window);
    }
    const told = pointsOf(own.starts, own.columns, window);
    if (held.created.has(seriesId)) return told;
    const before = { start: window.start, end: Math.min(window.end, held.window.start) };
    const after = { start: Math.max(window.start, held.window.end), end: window.end };
    const [earlier, later] = [before, after].map((part) =>
      part.start < part.end ? readings.points(seriesId, periodSeconds, part) : [],
    );
    return [...(earlier ?? []), ...told, ...(later ?? [])];
  };
}

/** What a series whose columns are in hand says of the size of requests at a time; undefined: nothing was read. */
export function largestAt(
  { starts, sums, columns }: SeriesSums,
  start: Instant,
): Largest | undefined {
  const at = placeOf(starts, start);
  return at === -1 ? undefined : { sum: sums[at] ?? null, max: columns?.max?.[at] ?? null };
}

/** In what is in order; -1: nowhere. */
function placeOf(starts: readonly Instant[], start: Instant): number {
  let from = 0;
  let to = starts.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((starts[middle] as number) < start) from = middle + 1;
    else to = middle;
  }
  return starts[from] === start ? from : -1;
}

function pointsOf(
  starts: SeriesSums['starts'],
  { sum, count, min, max, avg, p90 }: Readings['columns'],
  window: Window,
): readonly Point[] {
  const points: Point[] = [];
  for (let i = 0; i < starts.length; i += 1) {
    const start = starts[i] as number;
    if (start < window.start || start >= window.end) continue;
    points.push([
      start / minuteMs,
      sum?.[i] ?? null,
      count?.[i] ?? null,
      min?.[i] ?? null,
      max?.[i] ?? null,
      avg?.[i] ?? null,
      p90?.[i] ?? null,
    ]);
  }
  return points;
}
