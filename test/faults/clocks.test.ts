import { expect, test } from 'vitest';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { createFaultScript } from '../../collectors/emulator/faults/create.ts';
import { rehearse } from '../support/rehearsal.ts';
import { smallTraffic } from './small-world.ts';

const noon = Date.UTC(2026, 10, 18, 12);

test.each([
  ['aws', 'clock 10 min ahead'],
  ['aws', 'clock 10 min behind'],
  ['azure', 'clock 10 min ahead'],
  ['azure', 'clock 10 min behind'],
] as const)(
  'a %s %s for an hour leaves no wrong figure behind',
  async (cloud, script) => {
    const time: { now: () => Instant } = { now: () => noon };
    const faults = createFaultScript(script, {
      cloud,
      now: () => time.now(),
      from: noon + 10 * minuteMs,
      to: noon + 70 * minuteMs,
    });
    const traffic = smallTraffic();
    const rehearsal = await rehearse({ start: noon, traffic, clouds: { faults } });
    time.now = () => rehearsal.now;
    for (; rehearsal.now <= noon + 2 * hourMs; rehearsal.now += 10 * minuteMs) {
      await rehearsal.poll();
    }
    const span = { start: noon - hourMs, end: noon + 90 * minuteMs };
    expect(await rehearsal.differences(span, 'total')).toEqual([]);
    expect(await rehearsal.differences(span, '1m')).toEqual([]);
    await rehearsal.close();
  },
  60_000,
);
