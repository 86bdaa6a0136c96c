import { describe, expect, test } from 'vitest';
import type { Calibration } from '../../../agent/core/calibration.ts';
import { endOfTime, startOfTime } from '../../../agent/core/price.ts';
import { dayMs } from '../../../agent/core/time.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { perMillion, smallPrice } from '../../support/small-prices.ts';

const model = 'openai/gpt-5.4';
const monday = Date.UTC(2026, 10, 16);
const subject = {
  cloud: 'azure',
  account: 'sub-1',
  region: 'eastus',
  model,
  modelVersion: '',
  routing: 'global',
  tier: 'standard',
  family: 'openai',
} as const;
const book = [
  smallPrice({ model, item: 'input', nanoUsd: perMillion(10) }),
  smallPrice({ model, item: 'cache_read', nanoUsd: perMillion(1) }),
  smallPrice({ model, item: 'output', nanoUsd: perMillion(40) }),
];

function learnt(readPpm: number, from = monday, change: Partial<Calibration> = {}): Calibration {
  return {
    cloud: 'azure',
    account: 'sub-1',
    model,
    unsplit: { readPpm, writePpm: 0 },
    positions: {},
    from,
    learntFrom: { start: from - 30 * dayMs, end: from },
    days: 30,
    learntAt: from + dayMs,
    ...change,
  };
}

const amounts: Amounts = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  output: 1_000_000,
  unsplitInput: 1_000_000,
  requests: null,
  errors: null,
  throttles: null,
};

/** Dollars of a million unsplit input tokens and a million of output, at a moment. */
function dollarsAt(calibrations: readonly Calibration[], at: number, of = subject) {
  const rater = createRater(book, [], calibrations);
  const card = rater.cardsOf(of).findLast(({ from }) => from <= at)?.card;
  if (card === undefined) throw new Error('spans cover all time');
  const { cost, low, high } = rater.rate(card, amounts, { mostInputTokens: null });
  return [low, cost, high].map((nano) => Number(nano) / 1e9);
}

describe('what was learnt', () => {
  const cases: readonly [string, readonly Calibration[], number, readonly number[]][] = [
    ['is nothing: all of it is input', [], monday, [41, 50, 50]],
    ['holds from its beginning on', [learnt(500_000)], monday, [41, 45.5, 50]],
    ['leaves what was before as it was', [learnt(500_000)], monday - 1, [41, 50, 50]],
    [
      'holds until something else was learnt',
      [learnt(100_000, monday + dayMs), learnt(500_000)],
      monday + dayMs - 1,
      [41, 45.5, 50],
    ],
    [
      'gives way to what was learnt later',
      [learnt(100_000, monday + dayMs), learnt(500_000)],
      monday + dayMs,
      [41, 49.1, 50],
    ],
    [
      'of another account is not its own',
      [learnt(500_000, monday, { account: 'sub-2' })],
      monday,
      [41, 50, 50],
    ],
    ['can be that all was read from a cache', [learnt(1_000_000)], monday, [41, 41, 50]],
  ];
  test.each(cases)('%s', (_, calibrations, at, dollars) => {
    expect(dollarsAt(calibrations, at)).toEqual(dollars);
  });

  test('changes no card of traffic that it does not concern', () => {
    const provisioned = { ...subject, tier: 'provisioned' } as const;
    const plain = createRater(book, []).cardsOf(provisioned);
    expect(createRater(book, [], [learnt(500_000)]).cardsOf(provisioned)).toEqual(plain);
    const nothing = learnt(0);
    expect(createRater(book, [], [nothing]).cardsOf(subject)).toEqual(
      createRater(book, []).cardsOf(subject),
    );
  });

  test('cuts the spans of all time in two, with list rates alike on both sides', () => {
    const spans = createRater(book, [], [learnt(500_000)]).cardsOf(subject);
    expect(spans.map(({ from, to }) => [from, to])).toEqual([
      [startOfTime, monday],
      [monday, endOfTime],
    ]);
    const [before, after] = spans;
    expect(after?.card.short).toEqual(before?.card.short);
    expect(after?.card.calibration?.listRateKey).toBe(before?.card.rateKey);
    expect(after?.card.rateKey).not.toBe(before?.card.rateKey);
  });
});

test('a rater is another one by what was learnt, not by which days confirm it', () => {
  const versionOf = (calibrations: readonly Calibration[]) =>
    createRater(book, [], calibrations).version;
  expect(versionOf([])).toBe(createRater(book, []).version);
  expect(versionOf([learnt(1)])).not.toBe(versionOf([]));
  expect(versionOf([learnt(1)])).not.toBe(versionOf([learnt(2)]));
  const confirmed = learnt(1, monday, { days: 29, learntAt: monday + 9 * dayMs });
  expect(versionOf([confirmed])).toBe(versionOf([learnt(1)]));
});
