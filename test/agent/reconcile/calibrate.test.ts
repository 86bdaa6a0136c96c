import { describe, expect, test } from 'vitest';
import type { Calibration } from '../../../agent/core/calibration.ts';
import type { StoredBillLine } from '../../../agent/core/bill-store.ts';
import { dayMs } from '../../../agent/core/time.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { learnCalibrations } from '../../../agent/reconcile/calibrate.ts';
import { reconcile } from '../../../agent/reconcile/reconcile.ts';
import { trimmedPpm } from '../../../agent/reconcile/trimmed.ts';
import {
  azureSol,
  billedTokens,
  billLine,
  confirmedInclusive,
  inputOf,
  meaningOf,
  rawDay,
} from './days.ts';
import {
  billOf,
  dayAt,
  inputOfDays,
  meteredOf,
  nanoOf,
  ratedDay,
  shareBook,
  worldDay,
} from './shares-world.ts';

const hidden = { read: 0.6, write: 0.25, long: 0.3, priority: 0.2 };
const days = (count: number) => Array.from({ length: count }, () => worldDay(hidden));
const now = dayAt(60);

type Change = (lines: readonly StoredBillLine[], index: number) => readonly StoredBillLine[];
const onDay =
  (
    wrong: number,
    change: (lines: readonly StoredBillLine[]) => readonly StoredBillLine[],
  ): Change =>
  (lines, index) =>
    index === wrong ? change(lines) : lines;

function learnt(change?: Change, count = 30): Calibration | undefined {
  const [one] = learnCalibrations(inputOfDays(days(count), shareBook(), change), [], now);
  return one;
}

/** Of a calibration, what it makes of a rate. */
const sharesOf = (one: Calibration | undefined) =>
  one && { unsplit: one.unsplit, positions: one.positions, longPpm: one.longPpm };

describe('what bills teach', () => {
  test('is what the requests really were, with the days it is from', () => {
    const one = learnt();
    expect(one).toMatchObject({
      cloud: 'azure',
      account: 'sub-1',
      model: 'openai/gpt-5.6-sol',
      from: dayAt(30),
      learntFrom: { start: dayAt(0), end: dayAt(30) },
      days: 30,
      learntAt: now,
    });
    const near = (ppm: number | undefined, share: number) =>
      expect((ppm ?? -1) / 1e6).toBeCloseTo(share, 3);
    near(one?.unsplit?.readPpm, 0.6);
    near(one?.unsplit?.writePpm, 0.4 * 0.25);
    near(one?.longPpm, 0.3);
    near(one?.positions.output, 0.2);
    near(one?.positions.input, 0.2);
  });

  test('takes three days', () => {
    expect(learnt(undefined, 2)).toBeUndefined();
    expect(learnt(undefined, 3)?.days).toBe(3);
  });

  test('is of the newest thirty days that teach', () => {
    const one = learnt(undefined, 40);
    expect(one?.learntFrom).toEqual({ start: dayAt(10), end: dayAt(40) });
  });

  test('is nothing where no bill is', () => {
    expect(learnt(() => [])).toBeUndefined();
  });

  test('is nothing where nothing is unseen: every item has its own meter and one price', () => {
    const tokens = { input: 5_000_000, cache_read: 3_000_000, cache_write: 100_000 };
    const all = [0, 1, 2, 3, 4].map((index) => ({ day: dayAt(index) }));
    const raw = { input: 8_100_000, read: 3_000_000, write: 100_000 };
    const input = inputOf({
      metered: all.map((day) => rawDay(raw, confirmedInclusive, day)),
      billed: all.flatMap((day) => billedTokens(tokens, azureSol, day)),
    });
    expect(new Set(reconcile(input).map((finding) => finding.class))).toEqual(new Set(['in_line']));
    expect(learnCalibrations(input, [], now)).toEqual([]);
  });

  test('is what the policy does not know: by it alone the same day is far off its bill', () => {
    const day = worldDay({ ...hidden, long: 0, priority: 0 });
    const off = (calibrations: readonly Calibration[]) => {
      const { cost } = ratedDay(createRater(shareBook(), [], calibrations), day, 40);
      const billed = nanoOf(billOf(day, 40));
      return Math.abs(Number(cost) - billed) / billed;
    };
    const learntOfIt = learnCalibrations(
      inputOfDays(Array.from({ length: 3 }, () => day)),
      [],
      now,
    );
    expect(off([])).toBeGreaterThan(0.2);
    expect(off(learntOfIt)).toBeLessThan(0.001);
  });
});

describe('a day that teaches nothing', () => {
  const first = (lines: readonly StoredBillLine[]) => lines.filter((_, index) => index > 0);
  const cases: readonly [
    string,
    (lines: readonly StoredBillLine[]) => readonly StoredBillLine[],
  ][] = [
    ['is billed for twice its tokens', (lines) => [...lines, ...lines]],
    ['lacks a line', first],
    ['has no bill at all', () => []],
    [
      'costs five times as much',
      (lines) => lines.map((line) => ({ ...line, cost: String(Number(line.cost) * 5) })),
    ],
    ['is not final', (lines) => lines.map((line) => ({ ...line, final: false }))],
    [
      'is billed in a currency that nobody rated',
      (lines) => lines.map((line) => ({ ...line, currency: 'EUR' })),
    ],
    [
      'has traffic of the model in a region that is not collected',
      (lines) => [
        ...lines,
        billLine({
          day: dayAt(7),
          region: 'westus',
          resource: 'elsewhere',
          meaning: meaningOf({ item: 'output' }),
        }),
      ],
    ],
  ];
  test.each(cases)('one that %s', (_, change) => {
    const one = learnt(onDay(7, change));
    expect(one?.days).toBe(29);
    expect(sharesOf(one)).toEqual(sharesOf(learnt()));
  });

  test('credits, discounts and taxes beside it take nothing from it', () => {
    const one = learnt(
      onDay(7, (lines) => [
        ...lines,
        billLine({ day: dayAt(7), recordType: 'credit', cost: '-3', meaning: 'not_tokens' }),
        billLine({ day: dayAt(7), recordType: 'discount', cost: '-1' }),
      ]),
    );
    expect(one?.days).toBe(30);
  });

  test('a wrong bill whose sums agree is among the days that are cut off at either end', () => {
    const wrong = { ...hidden, read: 0, write: 0, priority: 1, long: 1 };
    const one = learnt((lines, index) => (index === 7 ? billOf(worldDay(wrong), 7) : lines));
    const right = learnt();
    expect(one?.days).toBe(30);
    expect(one?.unsplit?.readPpm).toBeCloseTo(right?.unsplit?.readPpm ?? 0, -1);
    expect(one?.longPpm).toBeCloseTo(right?.longPpm ?? 0, -1);
    expect(one?.positions.output).toBeCloseTo(right?.positions.output ?? 0, -1);
  });
});

describe('learning again', () => {
  const input = inputOfDays(days(30));
  const [one] = learnCalibrations(input, [], now);
  const known = one === undefined ? [] : [one];

  test('from the same bills gives nothing', () => {
    expect(known).toHaveLength(1);
    expect(learnCalibrations(input, known, now + dayMs)).toEqual([]);
  });

  test('from what was calibrated by it gives nothing either: the audit reads what was metered', () => {
    const calibrated = inputOfDays(days(30), shareBook(), undefined, [
      { ...(one as Calibration), from: dayAt(0) },
    ]);
    expect(learnCalibrations(calibrated, known, now)).toEqual([]);
    expect(reconcile(calibrated).map((finding) => finding.cost)).toEqual(
      reconcile(input).map((finding) => finding.cost),
    );
  });

  test('from a day more that says the same confirms it, and it holds from where it held', () => {
    const more = learnCalibrations(inputOfDays(days(31)), known, now + dayMs);
    expect(more).toEqual([
      {
        ...one,
        learntFrom: { start: dayAt(1), end: dayAt(31) },
        days: 30,
        learntAt: now + dayMs,
      },
    ]);
  });

  test('from days that say another thing begins where they end, and leaves what was before', () => {
    const moved = [
      ...days(30),
      ...Array.from({ length: 30 }, () => worldDay({ ...hidden, read: 0.2 })),
    ];
    const [next] = learnCalibrations(inputOfDays(moved), known, now);
    expect(next?.from).toBe(dayAt(60));
    expect((next?.unsplit?.readPpm ?? 0) / 1e6).toBeCloseTo(0.2, 3);
  });

  test('from days that a later bill took away changes nothing', () => {
    expect(learnCalibrations(inputOfDays(days(20)), known, now)).toEqual([]);
  });
});

test('prices that change after learning change the estimate as they change the bill', () => {
  const [one] = learnCalibrations(inputOfDays(days(30)), [], now);
  const cut = [
    ...shareBook().map((price) => ({ ...price, to: dayAt(33) })),
    ...shareBook(0.5, dayAt(33)),
  ];
  const rater = createRater(cut, [], one === undefined ? [] : [one]);
  const { cost } = ratedDay(rater, worldDay(hidden), 40);
  const billed = nanoOf(billOf(worldDay(hidden), 40, 0.5));
  expect(Math.abs(Number(cost) - billed) / billed).toBeLessThan(0.01);
});

test('a day on which the price changed teaches no position, and no share of long requests', () => {
  const cut = [
    ...shareBook().map((price) => ({ ...price, to: dayAt(2) + dayMs / 2 })),
    ...shareBook(1.001, dayAt(2) + dayMs / 2),
  ];
  const rater = createRater(cut, []);
  expect(meteredOf(rater, worldDay(hidden), 2).cards).toHaveLength(2);
  const [one] = learnCalibrations(inputOfDays(days(3), cut), [], now);
  expect(one?.positions).toEqual({});
  expect(one?.longPpm).toBeUndefined();
  expect(one?.unsplit?.readPpm).toBeGreaterThan(590_000);
});

describe('the trimmed mean', () => {
  const cases: readonly [string, readonly number[], number | undefined][] = [
    ['of two days is none', [0.5, 0.5], undefined],
    ['of three is the one in the middle', [0.1, 0.5, 0.9], 500_000],
    ['leaves the least and the most out', [0, 0.4, 0.5, 0.6, 1], 500_000],
    ['knows nothing of what is no share', [-3, 0.5, 0.5, 0.5, 7], 500_000],
    ['ends at the whole', [1.005, 1.005, 1.005], 1_000_000],
  ];
  test.each(cases)('%s', (_, shares, ppm) => {
    expect(trimmedPpm(shares.map((share) => ({ share, weight: 1 })))).toBe(ppm);
  });

  test('is by weight', () => {
    const told = [0, 0.2, 0.6, 1].map((share) => ({ share, weight: share === 0.2 ? 3 : 1 }));
    expect(trimmedPpm(told)).toBe(300_000);
  });
});
