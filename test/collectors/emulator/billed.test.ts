import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { defectKinds, demoDefects } from '../../../collectors/emulator/bill-defects.ts';
import type { DefectKind } from '../../../collectors/emulator/bill-defects.ts';
import { createBilling, foldedInto, isEstimated } from '../../../collectors/emulator/billed.ts';
import type { BilledAmount } from '../../../collectors/emulator/billed.ts';
import { scenarioLanes } from '../../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../collectors/emulator/traffic.ts';
import { truth } from '../../../collectors/emulator/truth.ts';
import { laneOf, scriptedTraffic } from './scripted-traffic.ts';

const day = Date.UTC(2026, 10, 18);
const later = day + 3 * dayMs;
const azure = laneOf('aoai-east/gpt-5.6-sol');
const nova = laneOf('us-east-1/runtime/amazon.nova-pro-v1:0');
const request = { input: 700, cacheRead: 200, cacheWrite: 100, output: 50 };
const traffic = scriptedTraffic(
  [azure, nova],
  [azure, nova].flatMap((lane) => [
    { lane, start: day + 2 * hourMs, ...request },
    { lane, start: day + 14 * hourMs, ...request },
  ]),
);

function shown(amounts: readonly BilledAmount[]): readonly string[] {
  return amounts.map(
    ({ lane, tier, item, record, tokens, ratePpm }) =>
      `${lane.cloud} ${tier} ${item} ${record} ${tokens} × ${ratePpm}`,
  );
}

function billed(kind: DefectKind, asOf: number = later, from = 0): readonly string[] {
  const billing = createBilling(traffic, [{ kind, lane: azure.id, from }]);
  return shown(billing.day(day, asOf)).filter((text) => text.startsWith('azure'));
}

const clean = [
  'azure standard input usage 1400 × 1000000',
  'azure standard cache_read usage 400 × 1000000',
  'azure standard cache_write usage 200 × 1000000',
  'azure standard output usage 100 × 1000000',
];

describe('what is billed', () => {
  it('tells cached and uncached input apart, where no meter does', () => {
    expect(azure.cacheMeters).toBe(false);
    const amounts = createBilling(traffic).day(day, later);
    expect(shown(amounts).filter((text) => text.startsWith('azure'))).toEqual(clean);
    expect(amounts).toHaveLength(8);
  });

  it.each([
    ['nothing at the end of the day', day + dayMs, 0],
    ['half at noon of the next', day + 1.5 * dayMs, 700],
    ['all a day after its end', day + 2 * dayMs, 1_400],
  ])('is %s', (_sentence, asOf, input) => {
    const amounts = createBilling(traffic).day(day, asOf);
    expect(amounts.find(({ item }) => item === 'input')?.tokens ?? 0).toBe(input);
  });

  it('is an estimate for three days more', () => {
    expect(isEstimated(day, day + 5 * dayMs - 1)).toBe(true);
    expect(isEstimated(day, day + 5 * dayMs)).toBe(false);
  });

  it('is every token that was served, of the recorded traffic', () => {
    const replay = createTraffic(scenarioLanes, loadTrace());
    const tokens = createBilling(replay)
      .day(day, later)
      .reduce((sum, amount) => sum + amount.tokens, 0);
    const rows = truth(replay, { from: day, to: day + dayMs, step: 'total', groupBy: [] });
    const told = rows.flatMap((row) => [
      row.input_tokens,
      row.cache_read_tokens,
      row.cache_write_tokens,
      row.output_tokens,
      row.unsplit_input_tokens,
    ]);
    expect(tokens).toBe(told.reduce((sum: number, value) => sum + (value ?? 0), 0));
    expect(tokens).toBeGreaterThan(0);
  });

  it('folds what has no price into the input, and loses no token', () => {
    const amounts = createBilling(traffic).day(day, later);
    fc.assert(
      fc.property(fc.func(fc.boolean()), (priced) => {
        const folded = foldedInto(amounts, ({ item }) => priced(item));
        const sum = (all: readonly BilledAmount[]) => all.reduce((n, one) => n + one.tokens, 0);
        expect(sum(folded)).toBe(sum(amounts));
        for (const { item } of folded) expect(item === 'input' || priced(item)).toBe(true);
      }),
    );
  });
});

describe('a defect of the bill', () => {
  it.each<[DefectKind, readonly string[]]>([
    ['cached_rated_twice', ['azure standard input usage 2000 × 1000000', ...clean.slice(1)]],
    ['price_differs', clean.map((text) => text.replace('1000000', '1100000'))],
    [
      'credit',
      [
        ...clean,
        ...clean.map((text) => text.replace('usage', 'credit').replace('1000000', '-100000')),
      ],
    ],
    [
      'refund',
      [
        ...clean,
        ...clean.map((text) => text.replace('usage', 'refund').replace('1000000', '-250000')),
      ],
    ],
    ['restated', clean],
    [
      'unseen_traffic',
      [
        'azure standard input usage 1750 × 1000000',
        'azure standard cache_read usage 500 × 1000000',
        'azure standard cache_write usage 250 × 1000000',
        'azure standard output usage 125 × 1000000',
      ],
    ],
  ])('%s', (kind, expected) => {
    expect(billed(kind)).toEqual(expected);
  });

  it('restated is seen by who asks again later', () => {
    expect(billed('restated', day + 4 * dayMs)[0]).toBe(
      'azure standard input usage 1470 × 1000000',
    );
  });

  it.each(defectKinds)('%s befalls neither earlier days nor other lanes', (kind) => {
    expect(billed(kind, day + 9 * dayMs, day + dayMs)).toEqual(clean);
    const others = createBilling(traffic, [{ kind, lane: azure.id, from: 0 }]).day(day, later);
    expect(shown(others).filter((text) => text.startsWith('aws'))).toEqual(
      clean.map((text) => text.replace('azure', 'aws')),
    );
  });

  it('of the demo is one of a lane that there is', () => {
    expect(demoDefects.map(({ lane }) => laneOf(lane).id)).toEqual(
      demoDefects.map(({ lane }) => lane),
    );
    expect(demoDefects.map(({ kind }) => kind)).toEqual(['cached_rated_twice']);
  });
});
