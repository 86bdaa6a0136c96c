import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fullBucket, refill, take, waitFor } from '../../../agent/schedule/bucket.ts';
import type { BucketRate } from '../../../agent/schedule/bucket.ts';

const rates: fc.Arbitrary<BucketRate> = fc.record({
  burst: fc.integer({ min: 1, max: 50 }),
  perSecond: fc.double({ min: 0.1, max: 30, noNaN: true }),
});

/** Callers one after another: how long each comes after the one before was let go, and what it takes. */
const callers = fc.array(
  fc.record({ afterMs: fc.nat({ max: 5_000 }), amount: fc.integer({ min: 1, max: 50 }) }),
  { minLength: 1, maxLength: 60 },
);

/** When each was let go, and what it took. */
function admit(rate: BucketRate, asked: readonly { afterMs: number; amount: number }[]) {
  let now = 1_000_000;
  let bucket = fullBucket(rate, now);
  return asked.map(({ afterMs, amount: wanted }) => {
    const amount = Math.min(wanted, rate.burst);
    now += afterMs;
    bucket = refill(bucket, rate, now);
    const wait = waitFor(bucket, rate, amount);
    now += wait;
    bucket = take(refill(bucket, rate, now), amount);
    return { at: now, amount, wait };
  });
}

it('never lets more go in any span of time than its burst and what the span earns', () => {
  fc.assert(
    fc.property(rates, callers, (rate, asked) => {
      const gone = admit(rate, asked);
      gone.forEach(({ at: from }, first) => {
        let sum = 0;
        for (const { at, amount } of gone.slice(first)) {
          sum += amount;
          expect(sum).toBeLessThanOrEqual(
            rate.burst + ((at - from) / 1_000) * rate.perSecond + 1e-6,
          );
        }
      });
    }),
  );
});

it('waits no longer than it must: a millisecond less would not do', () => {
  fc.assert(
    fc.property(rates, callers, (rate, asked) => {
      let now = 0;
      let bucket = fullBucket(rate, now);
      for (const { afterMs, amount: wanted } of asked) {
        const amount = Math.min(wanted, rate.burst);
        now += afterMs;
        bucket = refill(bucket, rate, now);
        const wait = waitFor(bucket, rate, amount);
        const sooner = refill(bucket, rate, now + wait - 1);
        expect(wait <= 1 || sooner.tokens < amount + 1e-9).toBe(true);
        now += wait;
        const ready = refill(bucket, rate, now);
        expect(waitFor(ready, rate, amount)).toBeLessThanOrEqual(1);
        bucket = take(ready, amount);
      }
    }),
  );
});

it('earns nothing from a clock that went back', () => {
  const rate = { burst: 10, perSecond: 1 };
  const empty = take(fullBucket(rate, 100_000), 10);
  const back = refill(empty, rate, 40_000);
  expect(back.tokens).toBe(0);
  expect(refill(back, rate, 41_000).tokens).toBe(1);
});

it('lets what is larger than its burst go when it is full, and asks for it afterwards', () => {
  const rate = { burst: 10, perSecond: 1 };
  const full = fullBucket(rate, 0);
  expect(waitFor(full, rate, 25)).toBe(0);
  expect(waitFor(take(full, 25), rate, 1)).toBe(16_000);
});
