import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../../agent/core/time.ts';
import { bodyOf, isWholeDays } from '../../../../collectors/azure/bills/cost-question.ts';
import { finalUntil, openFrom } from '../../../../collectors/azure/bills/days.ts';
import { isAbout, isDecimal, sumOf } from '../../../../collectors/azure/bills/decimal-text.ts';
import { parseExact } from '../../../../collectors/azure/bills/exact-json.ts';
import { recordTypeOf, resourceOf } from '../../../../collectors/azure/bills/lines.ts';
import { costWaitMs, throttleHeader } from '../../../../collectors/azure/bills/throttle.ts';

describe('numbers as they were written', () => {
  test.each([
    ['2.50', '2.50'],
    ['19.545363672276512', '19.545363672276512'],
    ['123456789012345678901.5', '123456789012345678901.5'],
    ['-1.5e-7', '-1.5e-7'],
    ['0', '0'],
  ])('%s stays %s', (text, written) => {
    expect(parseExact(`[${text}]`)).toEqual([{ written }]);
  });

  test('a number within a string, quotes and backslashes among it, is a string', () => {
    const strings = ['gpt 4.1 mini', '"5"', '\\', '\\"7', ''];
    expect(parseExact(JSON.stringify({ strings }))).toEqual({ strings });
  });

  test.each(['01', '1.', '<html>1</html>', '', '[1', '{"a":1,}', '"a'])('%s is no JSON', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  test('any JSON says the same but for its numbers', () => {
    const back = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(back);
      if (typeof value !== 'object' || value === null) return value;
      if ('written' in value && typeof value.written === 'string') return Number(value.written);
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, back(one)]));
    };
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        fc.pre(!text.includes('written') && !text.includes('__proto__'));
        expect(back(parseExact(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('decimals', () => {
  const decimal = fc
    .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: 0, max: 12 }))
    .map(([units, places]) => ({ units, places, text: `${units}e-${places}` }));

  test('are added up to the last digit, in any order', () => {
    fc.assert(
      fc.property(fc.array(decimal, { maxLength: 8 }), (list) => {
        const exact = list.reduce(
          (sum, { units, places }) => sum + units * 10n ** BigInt(12 - places),
          0n,
        );
        const texts = list.map(({ text }) => text);
        expect(sumOf([sumOf(texts), `${-exact}e-12`])).toBe('0');
        expect(sumOf(texts.toReversed())).toBe(sumOf(texts));
      }),
    );
  });

  test.each([
    ['0.1', '0.2', '0.3'],
    ['1e-7', '-1e-7', '0'],
    ['-2.5', '1', '-1.5'],
    ['19.545363672276512', '0.000000000000000001', '19.545363672276512001'],
  ])('%s and %s are %s', (one, other, sum) => {
    expect(sumOf([one, other])).toBe(sum);
  });

  test.each([
    ['100', '100.0099', true, 'a hundredth is nothing'],
    ['100', '100.011', false, 'more is something'],
    ['1000000', '1000099', true, 'of much a ten-thousandth is nothing'],
    ['1000000', '1000101', false, 'and more is something'],
    ['-5', '5', false, 'a sign is something'],
  ])('%s and %s: %s, for %s', (one, other, same) => {
    expect(isAbout(one, other)).toBe(same);
  });

  test('a word is none', () => {
    expect(['1', '-0.5', '1e-9'].every(isDecimal)).toBe(true);
    expect(['', 'NaN', '1,5', ' 1', '0x1'].some(isDecimal)).toBe(false);
    expect(() => sumOf(['x'])).toThrow(RangeError);
  });
});

describe('days that may still change', () => {
  test.each([
    ['2026-11-18T12:00:00Z', '2026-11-01', 'the open month'],
    ['2026-11-03T23:59:59Z', '2026-10-01', 'the month before, until 72 hours after its end'],
    ['2026-11-04T00:00:00Z', '2026-10-30', 'then five days, which reach back beyond the month'],
    ['2026-11-06T00:00:00Z', '2026-11-01', 'the open month again'],
    ['2026-01-02T00:00:00Z', '2025-12-01', 'the month before a new year'],
  ])('at %s from %s on: %s', (now, day) => {
    expect(openFrom(Date.parse(now))).toBe(Date.parse(day));
  });

  test('always hold the five last days, and begin a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e12, max: 4e12 }), (now) => {
        const open = openFrom(now);
        expect(open % dayMs).toBe(0);
        expect(open).toBeLessThanOrEqual(finalUntil(now));
        expect(now - open).toBeLessThanOrEqual(34 * dayMs);
      }),
    );
  });
});

describe('how long to wait', () => {
  const wait = (headers: Readonly<Record<string, string>>) =>
    costWaitMs((name) => headers[name], '', 0) / secondMs;

  test.each<[Readonly<Record<string, string>>, number, string]>([
    [{}, 60, 'a minute where nothing is said'],
    [{ [throttleHeader('qpu')]: '12' }, 60, 'a minute where less is asked'],
    [{ [throttleHeader('entity')]: '90' }, 95, 'a little more than is asked'],
    [{ [throttleHeader('tenant')]: '90', [throttleHeader('qpu')]: '300' }, 305, 'the longest'],
    [{ 'retry-after': '200', [throttleHeader('clienttype')]: '100' }, 205, 'of all headers'],
    [{ [throttleHeader('clienttype')]: 'soon' }, 60, 'a word says nothing'],
    [{ [throttleHeader('qpu')]: '-5' }, 60, 'nor does less than nothing'],
    [{ [throttleHeader('qpu')]: '999999' }, hourMs / secondMs, 'an hour at most'],
  ])('%o is %i s: %s', (headers, seconds, _why) => {
    expect(wait(headers)).toBe(seconds);
  });

  test('is never less than a minute', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const headers: Record<string, string> = {
          [throttleHeader('qpu')]: one,
          'retry-after': other,
        };
        const waited = costWaitMs((name) => headers[name], '', 0);
        expect(waited >= minuteMs && waited <= hourMs).toBe(true);
      }),
    );
  });
});

describe('a question', () => {
  const days = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 10, 21) };

  test('has two sums, its days to the last second, and filters that are never a list of one', () => {
    const body = bodyOf({
      type: 'ActualCost',
      days,
      granularity: 'Daily',
      groupings: ['ResourceId', 'Meter'],
      anyOf: [{ ServiceName: ['A', 'B'] }, { PublisherType: ['C'], ChargeType: ['D'] }],
    });
    const is = (name: string, values: readonly string[]) => ({
      dimensions: { name, operator: 'In', values },
    });
    expect(body).toEqual({
      type: 'ActualCost',
      timeframe: 'Custom',
      timePeriod: { from: '2026-11-01T00:00:00Z', to: '2026-11-20T23:59:59Z' },
      dataset: {
        granularity: 'Daily',
        aggregation: {
          totalCost: { name: 'Cost', function: 'Sum' },
          totalQuantity: { name: 'UsageQuantity', function: 'Sum' },
        },
        grouping: [
          { type: 'Dimension', name: 'ResourceId' },
          { type: 'Dimension', name: 'Meter' },
        ],
        filter: {
          or: [
            is('ServiceName', ['A', 'B']),
            { and: [is('PublisherType', ['C']), is('ChargeType', ['D'])] },
          ],
        },
      },
    });
  });

  test('is of whole days', () => {
    expect(isWholeDays(days)).toBe(true);
    expect(isWholeDays({ ...days, end: days.end - 1 })).toBe(false);
    expect(isWholeDays({ ...days, end: days.start })).toBe(false);
  });
});

describe('words of a row', () => {
  test.each([
    ['/subscriptions/1/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a-1', 'a-1'],
    ['/subscriptions/1/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/A-1', 'a-1'],
    [
      '/subscriptions/1/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a/projects/p',
      'a',
    ],
    ['/subscriptions/1/resourcegroups/g/providers/microsoft.saas/resources/claude', ''],
    ['', ''],
  ])('%s is of account "%s"', (id, resource) => {
    expect(resourceOf(id)).toBe(resource);
  });

  test.each([
    ['Usage', 'usage'],
    ['Purchase', 'purchase'],
    ['UnusedReservation', 'purchase'],
    ['Refund', 'refund'],
    ['Tax', 'tax'],
    ['RoundingAdjustment', 'adjustment'],
    ['Something new', 'adjustment'],
  ])('%s is a %s', (chargeType, recordType) => {
    expect(recordTypeOf(chargeType)).toBe(recordType);
  });
});
