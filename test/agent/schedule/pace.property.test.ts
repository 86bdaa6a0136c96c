import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../agent/core/time.ts';
import { costOfPace, decidePace, fullPace } from '../../../agent/schedule/pace.ts';
import type { Need } from '../../../agent/schedule/pace.ts';

const nano = (max: number) => fc.nat({ max }).map(BigInt);
const needs: fc.Arbitrary<Need> = fc
  .record({
    everySeconds: fc.constantFrom(60, 300, 900),
    idleSeconds: fc.constantFrom(900, 1_800),
    targets: fc.array(
      fc.record({
        busyNanoUsd: nano(500_000),
        idleNanoUsd: nano(500_000),
        busyUnits: fc.nat({ max: 50 }),
      }),
      { maxLength: 6 },
    ),
    listingSeconds: fc.constantFrom(600, 900),
    listingNanoUsd: nano(100_000),
    rereadNanoUsd: nano(2_000_000),
    historyNanoUsd: nano(20_000_000),
  })
  .map((need) => ({
    ...need,
    targets: need.targets.map((target, index) => ({ ...target, target: `t${index}` })),
  }));
const left = fc.nat({ max: dayMs });
const money = nano(1_000_000_000);

describe('the pace of a source', () => {
  it('slows nothing where the money is enough', () => {
    fc.assert(
      fc.property(needs, left, money, (need, leftMs, more) => {
        const enough = costOfPace(fullPace, leftMs, need);
        expect(decidePace(enough + more, leftMs, need)).toEqual(fullPace);
      }),
    );
  });

  it('never slows more for more money', () => {
    fc.assert(
      fc.property(needs, left, money, money, (need, leftMs, some, more) => {
        const [poor, rich] = [some, some + more].map((usd) => decidePace(usd, leftMs, need));
        expect(rich?.level ?? 0).toBeLessThanOrEqual(poor?.level ?? 0);
      }),
    );
  });

  it('costs no more than there is, unless even the slowest does', () => {
    fc.assert(
      fc.property(needs, left, money, (need, leftMs, usd) => {
        const pace = decidePace(usd, leftMs, need);
        const slowest = decidePace(-1n, leftMs, need);
        const cost = costOfPace(pace, leftMs, need);
        expect(cost <= usd || pace.level === slowest.level).toBe(true);
      }),
    );
  });

  it('costs less the slower it is', () => {
    fc.assert(
      fc.property(needs, left, money, money, (need, leftMs, some, more) => {
        const poor = decidePace(some, leftMs, need);
        const rich = decidePace(some + more, leftMs, need);
        expect(costOfPace(poor, leftMs, need)).toBeLessThanOrEqual(costOfPace(rich, leftMs, need));
      }),
    );
  });
});

describe('what waits first', () => {
  const need: Need = {
    everySeconds: 300,
    idleSeconds: 900,
    targets: [
      { target: 'busy', busyNanoUsd: 100n, idleNanoUsd: 30n, busyUnits: 10 },
      { target: 'calm', busyNanoUsd: 100n, idleNanoUsd: 30n, busyUnits: 1 },
    ],
    listingSeconds: 900,
    listingNanoUsd: 10n,
    rereadNanoUsd: 400n,
    historyNanoUsd: 5_000n,
  };
  const listings = 96n * 10n;
  const polls = 288n * 100n;
  const idle = 96n * 30n;

  it.each([
    ['nothing', listings + 2n * polls + 2n * idle + 5_400n, { level: 0, fills: true }],
    ['history and re-reads', listings + 2n * polls + 2n * idle, { level: 1, fills: false }],
    ['idle units', listings + 2n * polls + (2n * idle) / 4n, { level: 2, idleFactor: 4 }],
    [
      'the cadence of the least busy target',
      listings + polls + polls / 2n + (2n * idle) / 4n,
      { level: 3, stretch: new Map([['calm', 2]]) },
    ],
    [
      'that of all targets alike, before one of them waits longer',
      listings + polls + (2n * idle) / 4n,
      {
        level: 4,
        stretch: new Map([
          ['calm', 2],
          ['busy', 2],
        ]),
      },
    ],
    [
      'all there is, where nothing is enough',
      0n,
      {
        level: 8,
        stretch: new Map([
          ['calm', 12],
          ['busy', 12],
        ]),
      },
    ],
  ])('%s', (_what, usd, pace) => {
    expect(decidePace(usd, dayMs, need)).toMatchObject(pace);
    const slower = Math.min(pace.level + 1, 8);
    expect(decidePace(usd - 1n, dayMs, need).level).toBe(slower);
  });
});
