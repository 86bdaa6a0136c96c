import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Rater } from '../../../agent/core/rating.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createRater } from '../../../agent/pricing/rater.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { batch, deployed, listing, unitHour } from '../../support/capacity-world.ts';
import type { Metered } from '../../support/capacity-world.ts';

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const interpretation = createInterpretation(new Map(), switches);
const noon = Date.UTC(2026, 10, 24, 12);

/** A price that is a range, by so many nano-dollars an hour. */
function withRange(rater: Rater, below: bigint, above: bigint): Rater {
  return {
    ...rater,
    capacityHoursOf: (...asked) =>
      rater.capacityHoursOf(...asked).map(({ cost, ...hour }) => {
        if (cost === null) return { ...hour, cost };
        const { best } = cost;
        return {
          ...hour,
          cost: { low: best > below ? best - below : 0n, best, high: best + above },
        };
      }),
  };
}

const anyMetered = fc.record({
  tokens: fc.array(fc.nat(1_000), { minLength: 60, maxLength: 60 }),
  percent: fc.array(fc.option(fc.integer({ min: 0, max: 130 }), { nil: undefined }), {
    minLength: 60,
    maxLength: 60,
  }),
});

it('adds up to the same nano-dollar at every step and over windows that lie side by side, low, best and high in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyMetered, { minLength: 1, maxLength: 2 }),
      fc.bigInt({ min: 0n, max: 10n ** 10n }),
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 1, max: 119 }),
      fc.tuple(fc.bigInt({ min: 0n, max: 9n }), fc.bigInt({ min: 0n, max: 10n ** 12n })),
      async (said, nanoUsd, units, cut, [below, above]) => {
        const own = openLedger(':memory:', interpretation, noon);
        const rater = createRater([unitHour(0, { nanoUsd })], []);
        own.rateWith(withRange(rater, below, above), noon);
        own.recordDiscovery('azure', listing([deployed('chat', units)]), noon + 7 * minuteMs);
        const metered = said.map(({ tokens, percent }, version): Metered => ({
          deployment: 'chat',
          version: String(version),
          tokens: (minute) => tokens[minute] ?? 0,
          ...(version === 0 ? { percent: (minute: number) => percent[minute] } : {}),
        }));
        const window = { start: noon, end: noon + hourMs };
        own.commit(batch(window, metered, noon + 100 * minuteMs));
        const end = noon + 2 * hourMs;
        const identityIds = [...(await own.identities()), ...(await own.capacities())].map(
          ({ id }) => id,
        );
        const total = async (start: number, to: number, bucketMs: number) => {
          const asked = { identityIds, window: { start, end: to }, bucketMs };
          const rows = await own.capacityCosts(asked);
          for (const row of rows) {
            expect((row.costLow ?? 0n) <= (row.cost ?? 0n)).toBe(true);
            expect((row.cost ?? 0n) <= (row.costHigh ?? 0n)).toBe(true);
          }
          return rows.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n);
        };
        const whole = await total(noon, end, 0);
        // Charged by the hour: sixty minutes, then forty.
        const round = (minutes: bigint) => (2n * nanoUsd * BigInt(units) * minutes + 60n) / 120n;
        expect(whole).toBe(round(60n) + round(40n));
        for (const step of [minuteMs, 5 * minuteMs, hourMs, dayMs]) {
          expect(await total(noon, end, step)).toBe(whole);
        }
        const middle = noon + cut * minuteMs;
        for (const step of [0, minuteMs, hourMs]) {
          const parts = (await total(noon, middle, step)) + (await total(middle, end, step));
          expect(parts).toBe(whole);
        }
        const use = await own.capacityUse({
          identityIds,
          window: {
            start: noon,
            end,
          },
          bucketMs: hourMs,
        });
        expect(use.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n)).toBe(whole);
        own.close();
      },
    ),
    { numRuns: 40 },
  );
});

it('is the same in whatever order its hours are read, and however often', async () => {
  const hours = 4;
  const anyOrder = fc.array(fc.nat(hours - 1), { minLength: 1, maxLength: 10 });
  const end = noon + hours * hourMs;
  const rater = createRater([unitHour(1.37)], []);

  async function charged(order: readonly number[]) {
    const ledger = openLedger(':memory:', interpretation, noon);
    ledger.rateWith(rater, end);
    ledger.recordDiscovery('azure', listing([deployed('chat', 7), deployed('silent', 3)]), end);
    for (const hour of order) {
      const start = noon + hour * hourMs;
      const said: Metered[] = [
        {
          deployment: 'chat',
          tokens: (minute) => (hour === 2 || minute % 3 === 0 ? 0 : 100 * hour + minute),
          percent: (minute) => (minute % 5 === hour ? undefined : (minute * 7 + hour) % 100),
        },
        { deployment: 'chat', version: '2025-01-01', tokens: (minute) => minute * hour },
      ];
      ledger.commit(batch({ start, end: start + hourMs }, said, end));
    }
    ledger.accrueCapacity(end + 10 * minuteMs);
    const [identities, capacities] = [await ledger.identities(), await ledger.capacities()];
    const names = new Map(
      [...identities, ...capacities].map((one) => [
        one.id,
        `${one.deployment} ${one.modelVersion} ${one.id < 0 ? 'idle' : ''}`,
      ]),
    );
    const rows = await ledger.capacityCosts({
      identityIds: [...names.keys()],
      window: { start: noon, end: end + hourMs },
      bucketMs: hourMs,
    });
    ledger.close();
    return rows
      .map(({ identityId, bucket, cost }) => `${names.get(identityId)} ${bucket} ${cost}`)
      .toSorted();
  }

  const once = await charged([0, 1, 2, 3]);
  expect(once.length).toBeGreaterThan(12);
  await fc.assert(
    fc.asyncProperty(
      anyOrder,
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      async (a, b) => {
        expect(await charged([...a, ...b])).toEqual(once);
      },
    ),
    { numRuns: 30 },
  );
});
