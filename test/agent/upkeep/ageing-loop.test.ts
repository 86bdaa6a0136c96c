import { expect, test } from 'vitest';
import { silentLog } from '../../../agent/core/log.ts';
import type { AgeResult } from '../../../agent/core/store.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { runAgeing } from '../../../agent/upkeep/ageing-loop.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';

const retention = { minuteSeconds: 3_600, hourSeconds: 86_400, daySeconds: Infinity };

/** A ledger that answers one step after the other and notes when it was asked. */
function scripted(steps: readonly (AgeResult | Error)[], packs: readonly (boolean | Error)[] = []) {
  const clock = createFakeClock(day0 + 20 * minuteMs);
  const asked: Instant[] = [];
  const packed: Instant[] = [];
  const stop = new AbortController();
  const ledger = {
    age(now: Instant): AgeResult {
      const step = steps[asked.length] ?? { deleted: 0, more: false };
      asked.push(now);
      if (step instanceof Error) throw step;
      return step;
    },
    packHours(now: Instant): boolean {
      const more = packs[packed.length] ?? false;
      packed.push(now);
      if (more instanceof Error) throw more;
      return more;
    },
  };
  const told: string[] = [];
  const log = {
    ...silentLog,
    info: (message: string, fields?: Readonly<Record<string, unknown>>) =>
      void told.push(`${message} ${JSON.stringify(fields)}`),
    error: (message: string) => void told.push(message),
  };
  const done = runAgeing({ clock, log, ledger, retention }, stop.signal);
  return { clock, asked, packed, told, stop, done };
}

test('it asks at once until there is no more, and then seven minutes past every hour', async () => {
  const { clock, asked, told, stop, done } = scripted([
    { deleted: 5, more: true },
    { deleted: 7, more: true },
    { deleted: 0, more: false },
  ]);
  await clock.advance(minuteMs);
  expect(asked).toHaveLength(3);
  expect(told).toEqual(['old rows deleted {"rows":12}']);
  await clock.advance(3 * hourMs);
  expect(asked.slice(3)).toEqual([1, 2, 3].map((hour) => day0 + hour * hourMs + 7 * minuteMs));
  expect(told, 'an hour with nothing to do says nothing').toHaveLength(1);
  stop.abort();
  await done;
});

test('a step that fails is told and tried again an hour later', async () => {
  const { clock, asked, told, stop, done } = scripted([new Error('database or disk is full')]);
  await clock.advance(minuteMs);
  expect(told).toEqual(['old rows could not be deleted']);
  await clock.advance(hourMs);
  expect(asked).toHaveLength(2);
  stop.abort();
  await done;
});

test('between two steps it lets others come first, and an abort there ends it', async () => {
  const { clock, asked, stop, done } = scripted(
    Array.from({ length: 1_000 }, () => ({ deleted: 1, more: true })),
  );
  await clock.settle();
  expect(asked, 'one step and a rest').toHaveLength(1);
  stop.abort();
  await done;
  expect(asked).toHaveLength(1);
});

test('it packs hours until there are no more, every hour, and where that fails again an hour later', async () => {
  const full = new Error('database or disk is full');
  const { clock, packed, told, stop, done } = scripted([], [true, true, false, full, true]);
  await clock.advance(minuteMs);
  expect(packed).toHaveLength(3);
  await clock.advance(2 * hourMs);
  expect(told).toEqual(['the hours of past days could not be packed']);
  expect(packed).toHaveLength(6);
  stop.abort();
  await done;
});
