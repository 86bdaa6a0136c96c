import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectivePerMillion } from '../../../agent/core/capacity.ts';
import { endOfTime, startOfTime } from '../../../agent/core/price.ts';
import type { CapacitySpan, RateRange } from '../../../agent/core/rating.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createBook } from '../../../agent/pricing/book.ts';
import {
  capacityHoursOf,
  spilloverOf,
  unitHourSpansOf,
} from '../../../agent/pricing/provisioned.ts';
import type { UnitHourSpan } from '../../../agent/pricing/provisioned.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { azureGlobal, discountOf, dollarsOf, gpt54, priceOf, usd } from './book-world.ts';

const noon = Date.UTC(2026, 10, 24, 12);
const day = { start: noon - 12 * hourMs, end: noon + 12 * hourMs };

function during(dollars: number | null, from: number, to: number): UnitHourSpan {
  const nano = usd(dollars ?? 0);
  return {
    from,
    to,
    rate: dollars === null ? null : { low: nano, best: nano, high: nano },
    origins: [],
  };
}

function always(dollars: number): readonly UnitHourSpan[] {
  return [during(dollars, startOfTime, endOfTime)];
}

const chat: CapacitySpan = {
  deployment: 'chat',
  sku: 'GlobalProvisionedManaged',
  units: 50,
  from: startOfTime,
  to: endOfTime,
};

/** Hours after noon, unit-hours and dollars. */
function costs(capacity: readonly CapacitySpan[], rates: readonly UnitHourSpan[], window = day) {
  return capacityHoursOf(capacity, rates, window).map(({ deployment, start, unitMs, cost }) => [
    deployment,
    (start - noon) / hourMs,
    unitMs / hourMs,
    cost === null ? null : dollarsOf(cost),
  ]);
}

describe('capacity', () => {
  it('costs units times rate in every hour, used or not', () => {
    const hours = costs([chat], always(1));
    expect(hours).toHaveLength(24);
    expect(hours.every(([, , units, cost]) => units === 50 && cost === 50)).toBe(true);
  });

  it('of part of an hour costs that part', () => {
    const since = { ...chat, from: noon + 45 * minuteMs, to: noon + 90 * minuteMs };
    expect(costs([since], always(2))).toEqual([
      ['chat', 0, 12.5, 25],
      ['chat', 1, 25, 50],
    ]);
  });

  it('that is scaled within the hour costs each part at its size', () => {
    const half = noon + 30 * minuteMs;
    const spans = [
      { ...chat, from: noon, to: half },
      { ...chat, units: 100, from: half, to: noon + hourMs },
    ];
    expect(costs(spans, always(1))).toEqual([['chat', 0, 75, 75]]);
  });

  it('whose price changes within the hour costs each part at its price', () => {
    const change = noon + 15 * minuteMs;
    const rates = [during(2, startOfTime, change), during(1, change, endOfTime)];
    const window = { start: noon, end: noon + hourMs };
    expect(costs([chat], rates, window)).toEqual([['chat', 0, 50, 62.5]]);
  });

  it('has no cost in an hour of which any part has no price', () => {
    const rates = [during(null, startOfTime, noon + 1), during(1, noon + 1, endOfTime)];
    const window = { start: noon, end: noon + 2 * hourMs };
    expect(costs([chat], rates, window)).toEqual([
      ['chat', 0, 50, null],
      ['chat', 1, 50, 50],
    ]);
  });

  it('is told by deployment and SKU, oldest hour first', () => {
    const window = { start: noon, end: noon + 2 * hourMs };
    const other = { ...chat, deployment: 'batch', units: 1 };
    expect(costs([chat, other], always(1), window).map(([name, hour]) => [name, hour])).toEqual([
      ['batch', 0],
      ['chat', 0],
      ['batch', 1],
      ['chat', 1],
    ]);
  });

  it('outside the window, or gone before it, is nothing', () => {
    expect(costs([{ ...chat, to: day.start }], always(1))).toEqual([]);
    expect(costs([{ ...chat, from: day.end }], always(1))).toEqual([]);
    const sameHour = { ...chat, from: noon + 30 * minuteMs, to: noon + 40 * minuteMs };
    const window = { start: noon, end: noon + 10 * minuteMs };
    expect(costs([sameHour], always(1), window)).toEqual([]);
  });

  it('cut into windows adds up, by at most a nano-dollar a cut hour', () => {
    const anyCut = fc.integer({ min: 1, max: 24 * 60 - 1 }).map((m) => day.start + m * minuteMs);
    const rate = fc.bigInt({ min: 0n, max: 10n ** 10n });
    fc.assert(
      fc.property(anyCut, rate, fc.integer({ min: 1, max: 9_999 }), (cut, nano, units) => {
        const rates = [
          {
            from: startOfTime,
            to: endOfTime,
            rate: { low: nano, best: nano, high: nano },
            origins: [],
          },
        ];
        const total = (start: number, end: number) =>
          capacityHoursOf([{ ...chat, units }], rates, { start, end }).reduce(
            (sum, { cost }) => sum + (cost?.best ?? 0n),
            0n,
          );
        const parts = total(day.start, cut) + total(cut, day.end);
        const whole = total(day.start, day.end);
        expect(whole).toBe(nano * BigInt(units) * 24n);
        expect([-1n, 0n, 1n]).toContain(parts - whole);
      }),
    );
  });
});

describe('the price of a unit-hour', () => {
  const hour = { model: '', cloud: 'azure', tier: 'provisioned' } as const;
  const book = createBook(
    [
      priceOf('unit_hour', 1, { ...hour, routing: 'global' }),
      priceOf('unit_hour', 1.1, { ...hour, routing: 'data_zone' }),
      priceOf('unit_hour', 2, { ...hour, routing: 'in_region', from: noon }),
    ],
    [discountOf(50, { routing: 'data_zone' })],
  );
  const prices = (routing: 'global' | 'data_zone' | 'in_region' | 'unknown') =>
    unitHourSpansOf(book, { ...azureGlobal, routing }).map(({ from, rate }) => [
      from,
      rate === null ? null : dollarsOf(rate),
    ]);

  it.each([
    [
      'global',
      [
        [0, 1],
        [noon, 1],
      ],
    ],
    [
      'data_zone',
      [
        [0, 0.55],
        [noon, 0.55],
      ],
    ],
    [
      'in_region',
      [
        [0, null],
        [noon, 2],
      ],
    ],
    [
      'unknown',
      [
        [0, [0.55, 1, 1]],
        [noon, [0.55, 1, 2]],
      ],
    ],
  ] as const)('of %s is its own', (routing, expected) => {
    expect(prices(routing)).toEqual(expected);
  });
});

describe('what a million tokens came to', () => {
  it.each([
    ['fifty dollars an hour over two million tokens', usd(50), 2_000_000, usd(25)],
    ['nothing served', usd(50), 0, null],
    ['a half rounds up', 1n, 2_000_000, 1n],
    ['below a half rounds down', 1n, 2_000_001, 0n],
  ] as const)('%s', (_, cost, tokens, expected) => {
    expect(effectivePerMillion(cost, tokens)).toBe(expected);
  });
});

it('spillover is priced as standard, by the token', () => {
  const provisioned = { ...azureGlobal, tier: 'provisioned' } as const;
  const [span] = createRater(gpt54, []).cardsOf(spilloverOf(provisioned, 'global'));
  expect(span?.card.perToken).toBe(true);
  expect(dollarsOf(span?.card.short.input as RateRange)).toBe(2.5);
});
