import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareReadings } from '../../../agent/cli/verify-compare.ts';
import type { Measure } from '../../../agent/core/meter.ts';
import type { Readings } from '../../../agent/core/reading.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { batchOf, day0 } from '../../support/ledger-world.ts';

const window = { start: day0, end: day0 + 10 * minuteMs };

/** A series as the normalizer makes it, with other columns. */
function readings(
  columns: Readings['columns'],
  measure: Measure = { kind: 'tokens', meter: 'input' },
  model = 'a',
): Readings {
  const world = [{ rowId: 'in', dimensions: { ModelId: model }, values: [1] }];
  const [one] = batchOf(world, window, 60, day0).readings;
  if (one === undefined) throw new Error('no reading');
  const length = Math.max(0, ...Object.values(columns).map((values) => values.length));
  const starts = Array.from({ length }, (_, index) => day0 + index * minuteMs);
  return { ...one, series: { ...one.series, measure }, starts, columns };
}

const anyColumn = fc.array(
  fc.option(fc.oneof(fc.nat({ max: 1_000_000 }), fc.double({ min: 0, max: 1e9, noNaN: true }))),
  { minLength: 6, maxLength: 6 },
);

describe('readings of ledger and cloud', () => {
  it('do not differ from themselves', () => {
    fc.assert(
      fc.property(anyColumn, anyColumn, (sum, max) => {
        const one = [readings({ sum, max })];
        expect(compareReadings(one, one, 60).differences).toEqual([]);
      }),
    );
  });

  it('differ by the one value that was changed, and by no other', () => {
    fc.assert(
      fc.property(
        anyColumn,
        fc.nat({ max: 5 }),
        fc.integer({ min: 1, max: 1_000 }),
        (sum, at, delta) => {
          const changed = sum.map((value, index) => (index === at ? (value ?? 0) + delta : value));
          const { differences } = compareReadings(
            [readings({ sum })],
            [readings({ sum: changed })],
            60,
          );
          expect(differences).toHaveLength(1);
          expect(differences[0]).toMatchObject({
            start: day0 + at * minuteMs,
            statistic: 'sum',
            ledger: sum[at],
          });
          expect(differences[0]?.delta).toBeCloseTo(delta, 5);
        },
      ),
    );
  });

  it.each<[string, readonly Readings[], readonly Readings[]]>([
    ['a zero for silence', [], [readings({ sum: [0, 0] })]],
    ['silence for a zero', [readings({ sum: [0, null] })], [readings({ sum: [] })]],
    ['the last bits of a fraction', [readings({ sum: [0.1 + 0.2] })], [readings({ sum: [0.3] })]],
  ])('are the same with %s', (_, stored, fresh) => {
    expect(compareReadings(stored, fresh, 60).differences).toEqual([]);
  });

  it.each<[string, readonly Readings[], readonly Readings[]]>([
    ['a series the ledger never had', [], [readings({ sum: [4] })]],
    ['a series the cloud tells no more', [readings({ sum: [4] })], []],
    [
      'a point under another model',
      [readings({ sum: [4] })],
      [readings({ sum: [4] }), readings({ sum: [4] }, undefined, 'b')],
    ],
  ])('differ with %s', (_, stored, fresh) => {
    expect(compareReadings(stored, fresh, 60).differences).toMatchObject([
      { start: day0, statistic: 'sum' },
    ]);
  });

  it('of hours are compared by what minutes fold into', () => {
    const latency: Measure = { kind: 'latency', phase: 'request' };
    const stored = [
      readings({ sum: [10], avg: [2], p90: [null] }),
      readings({ sum: [1] }, latency, 'b'),
    ];
    const fresh = [
      readings({ sum: [10], avg: [3], p90: [4] }),
      readings({ sum: [9] }, latency, 'b'),
    ];
    expect(compareReadings(stored, fresh, 3_600).differences).toEqual([]);
    expect(compareReadings(stored, fresh, 60).differences).toHaveLength(3);
  });
});
