import { expect, test } from 'vitest';
import type { Instant } from '../../../agent/core/time.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { runCapacity } from '../../../agent/upkeep/capacity-loop.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';
import { recordedLog } from '../../support/recorded-log.ts';

/** A ledger that notes up to when it was asked to charge, and fails where a test says so. */
function running(fails: (asked: number) => boolean = () => false) {
  const clock = createFakeClock(day0);
  const asked: Instant[] = [];
  const stop = new AbortController();
  const log = recordedLog();
  const ledger = {
    accrueCapacity(now: Instant): number {
      asked.push(now);
      if (fails(asked.length)) throw new Error('database or disk is full');
      return 1;
    },
  };
  const done = runCapacity({ clock, log, ledger }, stop.signal);
  return { clock, asked, log, stop, done };
}

test('it charges at once and then every five minutes, and says nothing of it', async () => {
  const { clock, asked, log, stop, done } = running();
  await clock.advance(16 * minuteMs);
  expect(asked).toEqual([0, 5, 10, 15].map((minute) => day0 + minute * minuteMs));
  expect(log.lines).toEqual([]);
  stop.abort();
  await done;
});

test('after a day asleep it charges once, for all of it', async () => {
  const { clock, asked, stop, done } = running();
  await clock.jump(1_440 * minuteMs);
  expect(asked).toEqual([day0, day0 + 1_440 * minuteMs]);
  stop.abort();
  await done;
});

test('a step that fails is told, and the next one tries again', async () => {
  const { clock, asked, log, stop, done } = running((count) => count === 1);
  await clock.advance(5 * minuteMs);
  expect(asked).toHaveLength(2);
  expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
    ['error', 'provisioned capacity could not be charged'],
  ]);
  stop.abort();
  await done;
});
