import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterAttempt,
  longestRetryAfterMs,
  retryDelayMs,
  scheduleMs,
} from '../../../agent/alerts/retry-schedule.ts';
import type { Delivery } from '../../../agent/core/alert.ts';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { alertsNow as now, messageSample } from '../../support/alert-samples.ts';
import { busy, gone, ok, refused } from './delivery-world.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('ten attempts over a little more than three days', () => {
  expect(scheduleMs).toHaveLength(10);
  const whole = scheduleMs.reduce((sum, wait) => sum + wait, 0);
  expect(whole).toBeGreaterThan(3 * dayMs);
  expect(whole).toBeLessThan(4 * dayMs);
});

test('a wait is the schedule’s, at most a fifth longer, and as long as was asked for within an hour', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      random,
      fc.option(fc.nat({ max: 10 * hourMs })),
      (attempts, dice, asked) => {
        const wait = retryDelayMs(attempts, dice, asked) ?? NaN;
        const planned = scheduleMs[attempts] ?? NaN;
        const patience = Math.min(asked ?? 0, longestRetryAfterMs);
        expect(wait).toBeGreaterThanOrEqual(Math.max(planned, patience));
        expect(wait).toBeLessThanOrEqual(Math.max(planned * 1.2 + 1, patience));
      },
    ),
  );
});

const delivery: Delivery = {
  id: 'd',
  message: messageSample(),
  notifier: 'finops',
  state: 'waiting',
  attempts: 2,
  createdAt: now - 10_000,
  nextTryAt: now - 1,
  lastTryAt: now - 5_000,
  deliveredAt: null,
  lastStatus: 500,
  lastAnswer: 'before',
};

test.each([
  [
    'delivered: when, and nothing to come',
    ok,
    2,
    { state: 'delivered', attempts: 3, deliveredAt: now, lastTryAt: now, lastStatus: 200 },
  ],
  [
    'to be tried again: by the schedule from when it was tried',
    busy,
    2,
    {
      state: 'waiting',
      attempts: 3,
      nextTryAt: now + 1_800_000,
      lastStatus: 503,
      lastAnswer: 'no',
    },
  ],
  ['the last attempt failed: given up', busy, 9, { state: 'dead', attempts: 10 }],
  ['refused: given up', refused, 0, { state: 'dead', attempts: 1, lastStatus: 400 }],
  ['gone: given up', gone, 0, { state: 'dead', attempts: 1, lastStatus: 410 }],
])('%s', (_, outcome, attempts, after) => {
  expect(afterAttempt({ ...delivery, attempts }, outcome, now, 0)).toMatchObject(after);
});
