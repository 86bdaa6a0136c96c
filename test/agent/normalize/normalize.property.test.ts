import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../agent/core/collector.ts';
import { normalize } from '../../../agent/normalize/normalize.ts';
import { unitOf } from '../../support/ledger-world.ts';
import { ask, sample, window } from './asking.ts';

describe('any window', () => {
  const anySample = fc
    .record({
      model: fc.constantFrom('a', 'b'),
      statistic: fc.constantFrom('Sum', 'Maximum', 'p1000'),
      points: fc.uniqueArray(fc.integer({ min: -2, max: 12 }), { maxLength: 8 }),
    })
    .map(({ model, statistic, points }): Sample => {
      const unit = unitOf({ rowId: 'in', dimensions: { ModelId: model }, values: [] });
      const salt = model.length + statistic.length;
      return sample(
        unit,
        points,
        points.map((point) => point * 3 + salt - 4),
        statistic,
      );
    });
  const units = ['a', 'b'].map((model) =>
    unitOf({ rowId: 'in', dimensions: { ModelId: model }, values: [] }),
  );
  const read = (samples: readonly Sample[]) => {
    const { readings } = normalize(ask(units), samples);
    return new Map(
      readings.map(({ series, starts, columns }) => [
        series.traffic.vendorModel,
        starts.map((start, i) => [start, columns.sum?.[i] ?? null, columns.max?.[i] ?? null]),
      ]),
    );
  };

  it('says the same in any order of samples and with any of them twice', () => {
    fc.assert(
      fc.property(
        fc
          .array(anySample, { maxLength: 8 })
          .chain((samples) =>
            fc.tuple(
              fc.constant(samples),
              fc.shuffledSubarray(samples, { minLength: samples.length }),
              fc.subarray(samples),
            ),
          ),
        ([samples, shuffled, twice]) => {
          expect(read([...shuffled, ...twice])).toEqual(read(samples));
        },
      ),
    );
  });

  it('keeps or counts every point it was handed, and keeps them rising inside the window', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 4 }), (samples) => {
        const { readings, rejections } = normalize(ask(units), samples);
        const rejected = rejections.reduce((sum, { count }) => sum + count, 0);
        const wrong = samples.flatMap(({ statistic, starts, values }) =>
          starts.filter(
            (start, i) =>
              statistic === 'p1000' ||
              (values[i] ?? 0) < 0 ||
              start < window.start ||
              start >= window.end,
          ),
        );
        expect(rejected).toBe(wrong.length);
        for (const { starts, columns } of readings) {
          expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b));
          for (const column of Object.values(columns)) expect(column).toHaveLength(starts.length);
        }
      }),
    );
  });
});
