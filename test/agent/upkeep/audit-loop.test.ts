import { expect, test } from 'vitest';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { runAuditAhead } from '../../../agent/upkeep/audit-loop.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';
import { recordedLog } from '../../support/recorded-log.ts';

test('the audit is made after the first polls and every hour, one that failed too', async () => {
  const clock = createFakeClock(day0);
  const log = recordedLog();
  const stop = new AbortController();
  const madeAt: Instant[] = [];
  const done = runAuditAhead(
    {
      clock,
      log,
      async auditAhead() {
        madeAt.push(clock.now());
        if (madeAt.length === 2) throw new Error('database or disk is full');
      },
    },
    stop.signal,
  );
  await clock.advance(4 * minuteMs);
  expect(madeAt).toEqual([]);
  await clock.advance(minuteMs + 2 * hourMs);
  const first = day0 + 5 * minuteMs;
  expect(madeAt).toEqual([first, first + hourMs, first + 2 * hourMs]);
  expect(log.lines.map(({ fields }) => fields['message'])).toEqual(['database or disk is full']);
  stop.abort();
  await done;
});
