import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaled } from '../../../../agent/core/decimal.ts';
import { dayMs, hourMs } from '../../../../agent/core/time.ts';
import { dailyCosts } from '../../../../collectors/aws/bills/gauge.ts';
import type { GaugePoint } from '../../../../collectors/aws/bills/gauge.ts';

const november = Date.UTC(2026, 10, 1);
const december = Date.UTC(2026, 11, 1);

/** `[day of the month, hour, dollars]`, of November unless given. */
function points(
  list: readonly (readonly [number, number, number])[],
  month: number = november,
): readonly GaugePoint[] {
  return list.map(([day, hour, value]) => ({
    at: month + (day - 1) * dayMs + hour * hourMs,
    value,
  }));
}

function costs(of: readonly GaugePoint[], knownFrom = november - 2 * dayMs) {
  return Object.fromEntries(
    [...dailyCosts(of, knownFrom)].map(([day, cost]) => [
      new Date(day).toISOString().slice(0, 10),
      cost,
    ]),
  );
}

describe('the days of a gauge that counts a month', () => {
  it.each<[string, readonly GaugePoint[], Record<string, string>]>([
    ['a first day begins at nothing', points([[1, 6, 1.5]]), { '2026-11-01': '1.5' }],
    [
      'a day is the difference to the day before, exact in decimals',
      points([
        [1, 18, 0.1],
        [2, 6, 0.2],
        [2, 18, 0.3],
      ]),
      { '2026-11-01': '0.1', '2026-11-02': '0.2' },
    ],
    [
      'a day that adds nothing has no line',
      points([
        [1, 18, 2],
        [2, 18, 2],
      ]),
      { '2026-11-01': '2' },
    ],
    [
      'a fall within the month is a negative day',
      points([
        [1, 18, 5],
        [2, 18, 3.25],
      ]),
      { '2026-11-01': '5', '2026-11-02': '-1.75' },
    ],
    [
      'a day nobody posted on has its cost on the next that has a point',
      points([
        [1, 18, 1],
        [3, 18, 4],
      ]),
      { '2026-11-01': '1', '2026-11-03': '3' },
    ],
    [
      'a new month begins at nothing',
      [...points([[30, 18, 10]]), ...points([[1, 12, 0.5]], december)],
      { '2026-11-30': '10', '2026-12-01': '0.5' },
    ],
    [
      'what is posted of the old month after its end counts for its last day',
      [
        ...points([[30, 18, 10]]),
        ...points(
          [
            [1, 0, 11],
            [1, 6, 12],
            [1, 12, 0.5],
          ],
          december,
        ),
      ],
      { '2026-11-30': '12', '2026-12-01': '0.5' },
    ],
    [
      'without a fall in time everything is of the new month',
      [
        ...points([[30, 18, 1]]),
        ...points(
          [
            [1, 6, 3],
            [2, 6, 4],
          ],
          december,
        ),
      ],
      { '2026-11-30': '1', '2026-12-01': '3', '2026-12-02': '1' },
    ],
    [
      'a fall long after the month began is a fall of the new month',
      [
        ...points([[30, 18, 1]]),
        ...points(
          [
            [1, 6, 3],
            [9, 6, 0.5],
          ],
          december,
        ),
      ],
      { '2026-11-30': '1', '2026-12-01': '3', '2026-12-09': '-2.5' },
    ],
  ])('%s', (_sentence, of, expected) => {
    expect(costs(of)).toEqual(expected);
  });

  it('takes the first point of a month that was not read from its beginning for what was there', () => {
    const of = points([
      [10, 6, 40],
      [10, 18, 41],
    ]);
    expect(costs(of, november + 9 * dayMs)).toEqual({ '2026-11-10': '1' });
  });

  const gauge = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 29 * 24 }).map((hour) => november + hour * hourMs),
      value: fc.integer({ min: 0, max: 10_000_000 }).map((cents) => cents / 100),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('adds up to the gauge, whatever it did within the month', () => {
    fc.assert(
      fc.property(gauge, (of) => {
        const unique = [...new Map(of.map((point) => [point.at, point])).values()];
        const last = unique.toSorted((a, b) => a.at - b.at).at(-1)?.value ?? 0;
        const sum = [...dailyCosts(unique, november).values()].reduce(
          (all, cost) => all + (scaled(cost, 2) ?? 0n),
          0n,
        );
        expect(sum).toBe(scaled(String(last), 2));
      }),
    );
  });

  it('is the same in whatever order the points come', () => {
    fc.assert(
      fc.property(gauge, (of) => {
        const unique = [...new Map(of.map((point) => [point.at, point])).values()];
        expect(costs(unique.toReversed())).toEqual(costs(unique));
      }),
    );
  });
});
