import { expect, test, vi } from 'vitest';
import { floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { createFaultScript } from '../../collectors/emulator/faults/create.ts';
import { runWorld } from './running-world.ts';

/**
 * The day before is told anew: 20 hours after an hour was read and settled, some of its minutes turn out to be higher,
 * some lower, and some that were silent were not. The slow re-read of the last day must find it.
 */
vi.setConfig({ testTimeout: 120_000 });

const noon = Date.UTC(2026, 10, 18, 12);
const start = noon + 10_000;
const restatedAt = noon + 2 * hourMs;
const about = floorTo(restatedAt, hourMs) - 20 * hourMs;
const hour = { start: about - hourMs / 2, end: about + hourMs / 2 };
const wide = { start: about - 3 * hourMs, end: noon + hourMs };

test.each(['aws', 'azure'] as const)(
  'what %s says anew of the day before is in the ledger within a re-read, higher, lower and late',
  async (cloud) => {
    const faults = (now: () => number) =>
      createFaultScript('restated yesterday', { cloud, now, from: restatedAt, to: restatedAt });
    const world = await runWorld({ cloud, start, faults });
    await world.clock.advance(restatedAt - minuteMs - start);
    expect(await world.untrue(wide), 'before anything is restated').toEqual([]);
    await world.clock.advance(2 * minuteMs);
    const amiss = await world.untrue(hour, ['1m']);
    expect(amiss.join('\n'), 'the truth is another by now').toMatch(
      /tokens: truth \d+, ledger \d+/,
    );

    await world.clock.advance(9 * hourMs);
    expect(await world.untrue(wide), 'read again since').toEqual([]);
    expect((await world.sources()).filter((row) => row.reason !== null)).toEqual([]);
    await world.close();
  },
);
