import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../../agent/core/time.ts';
import { chargesOf } from '../../../../collectors/emulator/azure/cost-charges.ts';
import { createCostLimits } from '../../../../collectors/emulator/azure/cost-limits.ts';
import { understandCosts } from '../../../../collectors/emulator/azure/cost-question.ts';
import { listedMeter } from '../../../../collectors/emulator/azure/retail-prices.ts';
import type { Traffic } from '../../../../collectors/emulator/lane.ts';
import { azureLanes } from '../../../../collectors/emulator/lanes-azure.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';

const subscription = '00000000-0000-0000-0000-000000000001';
const day = Date.UTC(2026, 10, 15);
const days = { start: day, end: day + dayMs };
const bucketOf = (name: string) => /costmanagement-(\w+)-retry-after/.exec(name)?.[1] ?? '';

/** Every lane serves a request of each tier that it has, once an hour. */
const traffic: Traffic = {
  lanes: azureLanes,
  requests: (lane, minute) =>
    minute % hourMs === 0
      ? (['standard', 'priority', 'batch', 'provisioned'] as const)
          .filter((tier) => lane.tiers[tier] !== undefined)
          .map((tier) => ({
            start: minute,
            tier,
            input: 1_000,
            cacheRead: 500,
            cacheWrite: 100,
            output: 50,
            status: 200 as const,
            latencyMs: 1,
            firstTokenMs: 1,
          }))
      : [],
};

describe('what the built-in cloud charges', () => {
  const at = (now: number) =>
    chargesOf(createWorld({ traffic, now: () => now }), subscription, days);
  const whole = at(day + 3 * dayMs);

  test('is by the meters and prices of its own list', () => {
    const models = whole.filter(({ of }) => of.ServiceName === 'Foundry Models');
    expect(models.length).toBeGreaterThan(20);
    for (const { cost, quantity, of } of models) {
      const listed = listedMeter(of.Meter);
      expect([of.Meter, of.ResourceGuid, of.UnitOfMeasure]).toEqual([
        of.Meter,
        listed?.meterId,
        listed?.unitOfMeasure,
      ]);
      expect(cost).toBeCloseTo(quantity * (listed?.retailPrice ?? 0), 12);
    }
  });

  test('is of every token that is not provisioned, once', () => {
    const perUnit: Record<string, number> = { '1K': 1e3, '1M': 1e6 };
    const billed = whole
      .filter(({ of }) => of.ServiceName === 'Foundry Models' && of.UnitOfMeasure in perUnit)
      .reduce((sum, { quantity, of }) => sum + quantity * (perUnit[of.UnitOfMeasure] ?? 0), 0);
    const tiers = azureLanes
      .filter(({ account, format }) => account === subscription && format === 'OpenAI')
      .flatMap((lane) => Object.keys(lane.tiers).filter((tier) => tier !== 'provisioned'));
    expect(billed).toBeCloseTo(tiers.length * 24 * 1_650, 6);
  });

  test('comes a day late, grows by four hours, and then stays', () => {
    const cost = (now: number) => at(now).reduce((sum, one) => sum + one.cost, 0);
    expect(cost(day + dayMs + 3 * hourMs)).toBe(0);
    const early = cost(day + dayMs + 4 * hourMs);
    expect(early).toBeGreaterThan(0);
    expect(cost(day + dayMs + 8 * hourMs - 1)).toBe(early);
    expect(cost(day + dayMs + 8 * hourMs)).toBeGreaterThan(early);
    expect(cost(day + 30 * dayMs)).toBe(cost(day + 2 * dayMs));
  });
});

describe('allowances', () => {
  const call = { subscription, clientType: 'Crossbill', units: 1 };
  const headersOf = (refusal: ReturnType<ReturnType<typeof createCostLimits>>) =>
    Object.entries(refusal?.headers ?? {})
      .filter(([name]) => bucketOf(name) !== '')
      .map(([name, seconds]) => `${bucketOf(name)} ${seconds}`);

  test('a subscription has four calls a minute', () => {
    const limits = createCostLimits();
    for (const second of [0, 1, 2, 3]) {
      expect(limits(call, second * secondMs)).toBeUndefined();
    }
    expect(headersOf(limits(call, 4 * secondMs))).toEqual(['entity 56']);
    expect(limits(call, minuteMs)).toBeUndefined();
  });

  test('a tenant has twelve units in ten seconds', () => {
    const limits = createCostLimits();
    expect(limits({ ...call, units: 12 }, 0)).toBeUndefined();
    expect(headersOf(limits({ ...call, subscription: 'b' }, secondMs))).toEqual(['qpu 9']);
  });

  test('who names no client shares little', () => {
    const limits = createCostLimits();
    expect(limits({ ...call, clientType: '' }, 0)).toBeUndefined();
    expect(headersOf(limits({ ...call, clientType: '', subscription: 'b' }, 0))).toEqual([
      'clienttype 60',
    ]);
  });

  test('whoever waits as long as is asked is let in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 1, max: 12 })), {
          maxLength: 60,
        }),
        (calls) => {
          const limits = createCostLimits();
          let now = 0;
          for (const [pause, units] of calls) {
            now += pause;
            const refusal = limits({ ...call, units }, now);
            if (refusal === undefined) continue;
            const waits = headersOf(refusal).map((text) => Number(text.split(' ')[1]));
            now += Math.max(...waits) * secondMs;
            expect(limits({ ...call, units }, now)).toBeUndefined();
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a question about costs', () => {
  const good = {
    type: 'ActualCost',
    timeframe: 'Custom',
    timePeriod: { from: '2026-10-01T00:00:00Z', to: '2026-11-15T23:59:59Z' },
    dataset: { granularity: 'Daily', aggregation: { a: { name: 'Cost', function: 'Sum' } } },
  };

  test('costs a unit a month', () => {
    expect(understandCosts(good)).toMatchObject({ units: 2, isDaily: true, groupings: [] });
  });

  test.each([
    ['an unknown dimension', { grouping: [{ type: 'Dimension', name: 'Colour' }] }],
    [
      'a list of one filter',
      { filter: { or: [{ dimensions: { name: 'Meter', operator: 'In', values: ['a'] } }] } },
    ],
    [
      'another operator',
      { filter: { dimensions: { name: 'Meter', operator: 'Like', values: ['a'] } } },
    ],
  ])('is refused with %s', (_what, dataset) => {
    const asked = { ...good, dataset: { ...good.dataset, ...dataset } };
    expect(understandCosts(asked)).toHaveProperty('refused');
  });
});
