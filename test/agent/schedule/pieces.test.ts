import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeterUnit, Target } from '../../../agent/core/collector.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { cutByUnits, pointsPerWindow, widestTraffic } from '../../../agent/schedule/pieces.ts';
import { catalog as azureCatalog } from '../../../collectors/azure/catalog.ts';
import { day0, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

const meters = ['in', 'out', 'read', 'req'] as const;
const period = { periodSeconds: 60 } as const;

/** Models whose meters are listed meter by meter, as clouds do; some with a series for each of two tiers. */
function bedrock(models: number, tiered: readonly number[] = []): Target {
  const series = meters.flatMap((rowId) =>
    Array.from({ length: models }, (_, m): TrueSeries[] => {
      const dimensions = { ModelId: `m${m}` };
      const own = { rowId, dimensions, values: [] };
      if (rowId !== 'in' || !tiered.includes(m)) return [own];
      const tiers = ['flex', 'priority'].map((tier) => ({
        rowId: 'in.tier',
        dimensions: { ...dimensions, ResolvedServiceTier: tier, ServiceTier: tier },
        values: [],
      }));
      return [own, ...tiers];
    }).flat(),
  );
  return targetOf(series);
}

function due(units: readonly MeterUnit[], minutes: number) {
  return { ...period, units, window: { start: day0, end: day0 + minutes * minuteMs } };
}

describe('a window', () => {
  it('that is small is one request, as it was', () => {
    const target = bedrock(20);
    const whole = due(target.units, 30);
    expect(cutByUnits(target, whole)).toEqual([whole]);
  });

  it('of thousands of series is many, none larger than it may be, no traffic in two', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.array(fc.nat({ max: 399 }), { maxLength: 50 }),
        fc.integer({ min: 1, max: 1_440 }),
        (models, tiered, minutes) => {
          const target = bedrock(models, tiered);
          const pieces = cutByUnits(target, due(target.units, minutes));
          expect(pieces.flatMap(({ units }) => units.map(({ key }) => key)).toSorted()).toEqual(
            target.units.map(({ key }) => key).toSorted(),
          );
          const home = new Map<string, number>();
          const astray: string[] = [];
          for (const [index, { units, window }] of pieces.entries()) {
            expect(window).toEqual({ start: day0, end: day0 + minutes * minuteMs });
            const of = new Set(units.map(({ dimensions }) => dimensions['ModelId'] ?? ''));
            for (const model of of) {
              if (home.has(model)) astray.push(model);
              home.set(model, index);
            }
            expect(of.size === 1 || units.length * minutes <= pointsPerWindow).toBe(true);
          }
          expect(astray).toEqual([]);
          const least = Math.ceil((target.units.length * minutes) / pointsPerWindow);
          expect(pieces.length).toBeGreaterThanOrEqual(Math.min(least, home.size));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of a traffic that alone is too large stays one request', () => {
    const target = bedrock(1);
    expect(cutByUnits(target, due(target.units, 100_000))).toHaveLength(1);
  });

  it('of units that ask for every deployment at once is not cut: they all are of every traffic', () => {
    const units = azureCatalog.map((row): MeterUnit => ({
      key: row.id,
      rowId: row.id,
      metric: row.metricNames[0] ?? '',
      dimensions: Object.fromEntries(
        row.dimensions.map((name) => [name.replace('?', ''), '*'] as const),
      ),
    }));
    const target: Target = { ...targetOf([]), rows: azureCatalog, units };
    expect(cutByUnits(target, due(units, 1_440))).toHaveLength(1);
    expect(widestTraffic(target)).toBeGreaterThan(units.length);
  });
});

describe('the widest traffic', () => {
  it('is the one with most values a period, its tiers counted with it', () => {
    expect(widestTraffic(bedrock(3))).toBe(4);
    expect(widestTraffic(bedrock(3, [1]))).toBe(6);
    expect(widestTraffic(targetOf([]))).toBe(1);
  });
});
