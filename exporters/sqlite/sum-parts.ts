import type { Grain } from '../../agent/core/store.ts';
import { ceilTo, floorTo } from '../../agent/core/time.ts';

/** A part of a question that one block answers. All in whole minutes since the epoch. */
export interface SumPart {
  /** Of the block, like the two that follow. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** Its periods that are asked for, the last one excluded. */
  readonly first: number;
  readonly last: number;
}

export const grainMinutes: Readonly<Record<Grain, number>> = { minute: 1, hour: 60, day: 1_440 };
/** How many rows of an identity are kept together, by their table: an hour, a day, eight days. */
const periodsOfBlock: Readonly<Record<Grain, number>> = { minute: 60, hour: 24, day: 8 };

/**
 * Cuts a span into blocks, oldest first.
 * @param step length of a bucket; 0: there is one
 */
export function partsOf(
  grain: Grain,
  start: number,
  end: number,
  step: number,
): readonly SumPart[] {
  const unit = grainMinutes[grain];
  const isOne = step === 0 || end <= floorTo(start, step) + step;
  if (isOne) {
    if (grain === 'minute') return edgeParts(start, end);
    // Of the hours that are cut off of a day, most are the same an hour later.
    const length = grain === 'hour' ? longHours * hourMinutes : end;
    return split(start, end, length).map(([from, to]) => sumOf(from, to));
  }
  // Blocks of rows begin where all questions cut alike.
  if (step === unit) return rowParts(start, end, unit, unit * periodsOfBlock[grain]);
  return split(start, end, step).map(([from, to]) => sumOf(from, to));
}

const shortMinutes = 5;
const longMinutes = 10;
const hourMinutes = 60;
const longHours = 6;

/**
 * What is cut off of an hour at the start of a range is another span a minute later: sums of five and ten minutes stay the same,
 * and of the five minutes that it begins or ends in each is kept by itself.
 */
function edgeParts(start: number, end: number): readonly SumPart[] {
  const [firstHour, lastHour] = [ceilTo(start, hourMinutes), floorTo(end, hourMinutes)];
  if (lastHour - firstHour > hourMinutes) {
    return [
      ...edgeParts(start, firstHour),
      sumOf(firstHour, lastHour),
      ...edgeParts(lastHour, end),
    ];
  }
  const parts: SumPart[] = [];
  for (let at = start; at < end;) {
    const isLong = at % longMinutes === 0 && at + longMinutes <= end;
    const length = isLong ? longMinutes : shortMinutes;
    const next = Math.min(floorTo(at, length) + length, end);
    if (next - at === length) parts.push(sumOf(at, next));
    else parts.push(...rowParts(at, next, 1, shortMinutes));
    at = next;
  }
  return parts;
}

/**
 * What ranges that begin some minutes later are going to ask for, the next ones first; of a range that begins with an hour, or
 * within the one it ends in, nothing.
 */
export function partsAhead(start: number, end: number): readonly SumPart[] {
  if (start === end || end !== ceilTo(start, hourMinutes)) return [];
  const later = [start + 1, floorTo(start, shortMinutes) + shortMinutes + 1];
  return [
    ...later.filter((at) => at < end).flatMap((at) => edgeParts(at, end)),
    ...edgeParts(end + 1, end + hourMinutes),
  ];
}

/** Parts one after the other in groups of no more than so many periods, each of at least one part. */
export function together(
  parts: readonly SumPart[],
  mostPeriods: number,
): readonly (readonly SumPart[])[] {
  const groups: SumPart[][] = [];
  let periods = Infinity;
  for (const part of parts) {
    const more = (part.end - part.start) / part.step;
    if (periods + more > mostPeriods) {
      groups.push([]);
      periods = 0;
    }
    groups.at(-1)?.push(part);
    periods += more;
  }
  return groups;
}

function rowParts(start: number, end: number, unit: number, length: number): readonly SumPart[] {
  return split(start, end, length).map(([from, to]) => {
    const block = floorTo(from, length);
    const [first, last] = [(from - block) / unit, (to - block) / unit];
    return { start: block, end: block + length, step: unit, first, last };
  });
}

/** The sums of a span are of that span alone. */
function sumOf(start: number, end: number): SumPart {
  return { start, end, step: end - start, first: 0, last: 1 };
}

/** At the multiples of a length. */
function split(start: number, end: number, length: number): readonly (readonly [number, number])[] {
  const pieces: (readonly [number, number])[] = [];
  for (let at = start; at < end;) {
    const next = Math.min(floorTo(at, length) + length, end);
    pieces.push([at, next]);
    at = next;
  }
  return pieces;
}
