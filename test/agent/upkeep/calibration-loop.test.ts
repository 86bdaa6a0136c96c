import { expect, test } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { runCalibration } from '../../../agent/upkeep/calibration-loop.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';
import { recordedLog } from '../../support/recorded-log.ts';

/** A ledger with bills fetched at these times, and when it was learnt from. */
function running(fetched: Instant[], fails: (count: number) => boolean = () => false) {
  const clock = createFakeClock(day0);
  const learntAt: Instant[] = [];
  const stop = new AbortController();
  const log = recordedLog();
  const span = { source: 'aws_cost_explorer', cloud: 'aws', scope: 'aws/1' } as const;
  const days = { start: day0 - dayMs, end: day0, finalUntil: day0 };
  const done = runCalibration(
    {
      clock,
      log,
      ledger: {
        billedDays: async () => fetched.map((fetchedAt) => ({ ...span, ...days, fetchedAt })),
      },
      async learn() {
        learntAt.push(clock.now());
        if (fails(learntAt.length)) throw new Error('database or disk is full');
        return { learnt: [], rated: [] };
      },
    },
    stop.signal,
  );
  const end = async () => {
    stop.abort();
    await done;
  };
  return { clock, fetched, learntAt, log, end };
}

test('it does nothing where there are no bills', async () => {
  const { clock, learntAt, end } = running([]);
  await clock.advance(3 * dayMs);
  expect(learntAt).toEqual([]);
  await end();
});

test('it learns soon after the start, after every new bill, and once a day without one', async () => {
  const { clock, fetched, learntAt, end } = running([day0 - hourMs]);
  await clock.advance(6 * hourMs);
  expect(learntAt).toEqual([day0 + 5 * minuteMs]);
  fetched.push(clock.now());
  await clock.advance(hourMs);
  expect(learntAt).toHaveLength(2);
  await clock.advance(2 * dayMs);
  expect(learntAt).toHaveLength(4);
  await end();
});

test('what fails is told, and tried again', async () => {
  const { clock, learntAt, log, end } = running([day0], (count) => count === 1);
  await clock.advance(30 * minuteMs);
  expect(learntAt).toHaveLength(2);
  expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
    ['error', 'nothing could be learnt from bills'],
  ]);
  await end();
});
