import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteMs } from '../../../agent/core/time.ts';
import type { Window } from '../../../agent/core/time.ts';
import {
  coveredMs,
  intersect,
  intersectAll,
  split,
  subtract,
  union,
} from '../../../agent/core/window.ts';

/** Minutes of a small day; every window's model is the set of minutes it holds. */
const dayLength = 60;

function span(start: number, end: number): Window {
  return { start: start * minuteMs, end: end * minuteMs };
}

function minutesOf(windows: readonly Window[]): ReadonlySet<number> {
  const minutes = new Set<number>();
  for (const { start, end } of windows) {
    for (let at = start; at < end; at += minuteMs) minutes.add(at / minuteMs);
  }
  return minutes;
}

const sorted = (minutes: ReadonlySet<number>) => [...minutes].toSorted((a, b) => a - b);

/** Sorted, not empty, and with a hole between any two of them. */
function expectFewest(windows: readonly Window[]): void {
  for (const [index, { start, end }] of windows.entries()) {
    expect(start).toBeLessThan(end);
    expect(start).toBeGreaterThan(windows[index - 1]?.end ?? Number.NEGATIVE_INFINITY);
  }
}

/** Any span, empty ones and ones that end before they start included. */
const edge = fc.nat({ max: dayLength });
const anyWindow = fc.tuple(edge, edge).map(([start, end]) => span(start, end));
const anyWindows = fc.array(anyWindow, { maxLength: 8 });

describe('union', () => {
  it.each([
    ['nothing of nothing', [], []],
    ['one of two that touch', [span(0, 5), span(5, 9)], [span(0, 9)]],
    ['two where a minute lies between', [span(6, 9), span(0, 5)], [span(0, 5), span(6, 9)]],
    ['one where the second lies inside the first', [span(0, 9), span(2, 5)], [span(0, 9)]],
    ['nothing of an empty span and one that ends before it starts', [span(3, 3), span(9, 2)], []],
  ])('makes %s', (_what, windows, expected) => {
    expect(union(windows)).toEqual(expected);
  });

  it('holds the minutes of all, as few spans, whatever the order', () => {
    fc.assert(
      fc.property(anyWindows, (windows) => {
        const united = union(windows);
        expectFewest(united);
        expect(minutesOf(united)).toEqual(new Set(sorted(minutesOf(windows))));
        expect(union(windows.toReversed())).toEqual(united);
      }),
    );
  });
});

describe('subtract', () => {
  it.each([
    ['the whole where there is no hole', span(2, 8), [], [span(2, 8)]],
    ['nothing where holes that touch cover it', span(2, 8), [span(5, 9), span(0, 5)], []],
    ['both ends of a hole inside', span(2, 8), [span(4, 5)], [span(2, 4), span(5, 8)]],
    ['nothing of an empty span', span(4, 4), [], []],
    [
      'the whole beside holes that only touch it',
      span(2, 8),
      [span(0, 2), span(8, 9)],
      [span(2, 8)],
    ],
  ])('leaves %s', (_what, whole, holes, expected) => {
    expect(subtract(whole, holes)).toEqual(expected);
  });

  it('leaves the minutes of the whole that no hole has', () => {
    fc.assert(
      fc.property(anyWindow, anyWindows, (whole, holes) => {
        const rest = subtract(whole, holes);
        expectFewest(rest);
        const gone = minutesOf(holes);
        expect(sorted(minutesOf(rest))).toEqual(
          sorted(minutesOf([whole])).filter((minute) => !gone.has(minute)),
        );
      }),
    );
  });
});

describe('intersect', () => {
  it('is undefined where two spans only touch', () => {
    expect(intersect(span(0, 5), span(5, 9))).toBeUndefined();
  });

  it('holds the minutes both have, from either side', () => {
    fc.assert(
      fc.property(anyWindow, anyWindow, (a, b) => {
        const both = intersect(a, b);
        const inB = minutesOf([b]);
        const expected = sorted(minutesOf([a])).filter((minute) => inB.has(minute));
        expect(sorted(minutesOf(both === undefined ? [] : [both]))).toEqual(expected);
        expect(both === undefined).toBe(expected.length === 0);
        expect(intersect(b, a)).toEqual(both);
      }),
    );
  });
});

describe('intersectAll', () => {
  it('holds the minutes both lists have, in any order', () => {
    fc.assert(
      fc.property(anyWindows, anyWindows, (a, b) => {
        const both = intersectAll(a, b);
        expectFewest(both);
        const inB = minutesOf(b);
        expect(sorted(minutesOf(both))).toEqual(
          sorted(minutesOf(a)).filter((minute) => inB.has(minute)),
        );
        expect(intersectAll(b.toReversed(), a.toReversed())).toEqual(both);
      }),
    );
  });
});

describe('coveredMs', () => {
  it('counts the minutes of a span that disjoint spans hold', () => {
    fc.assert(
      fc.property(anyWindow, anyWindows, (within, windows) => {
        const held = minutesOf(windows);
        const both = sorted(minutesOf([within])).filter((minute) => held.has(minute));
        expect(coveredMs(within, union(windows))).toBe(both.length * minuteMs);
      }),
    );
  });
});

describe('split', () => {
  it.each([
    ['nothing of an empty span', span(7, 7), 5, []],
    ['one piece of a span inside a step', span(6, 9), 5, [span(6, 9)]],
    [
      'a short first and a short last piece',
      span(3, 12),
      5,
      [span(3, 5), span(5, 10), span(10, 12)],
    ],
    ['whole steps of a span on steps', span(5, 15), 5, [span(5, 10), span(10, 15)]],
  ])('makes %s', (_what, window, step, expected) => {
    expect(split(window, step * minuteMs)).toEqual(expected);
  });

  it('follows on without hole or overlap, cut at multiples of the step and nowhere else', () => {
    fc.assert(
      fc.property(anyWindow, fc.integer({ min: 1, max: 20 }), (window, step) => {
        const pieces = split(window, step * minuteMs);
        expect(sorted(minutesOf(pieces))).toEqual(sorted(minutesOf([window])));
        for (const [index, piece] of pieces.entries()) {
          const before = pieces[index - 1];
          expect(piece.start).toBe(before === undefined ? window.start : before.end);
          expect((before?.end ?? 0) % (step * minuteMs)).toBe(0);
          expect(piece.end - piece.start).toBeLessThanOrEqual(step * minuteMs);
          expect(piece.end).toBeGreaterThan(piece.start);
        }
      }),
    );
  });
});
