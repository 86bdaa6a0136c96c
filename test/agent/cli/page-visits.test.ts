import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Audit } from '../../../agent/core/audit.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { pageAgent } from '../../dashboards/page/page-agent.ts';
import { textOf } from '../../dashboards/page/page-world.ts';
import { filePrices, places } from '../../support/explain-places.ts';
import { explainLedger, readAt } from '../../support/explain-world.ts';
import { memoryAudit } from '../../support/memory-audit.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await explainLedger(places, filePrices);
});
afterAll(() => ledger.close());

/** Looks at the overview of an agent whose bill grows by a hundred dollars whenever it is audited. */
function looker() {
  let now = readAt;
  let audits = 0;
  let isBroken = false;
  const audit: Audit = async (days, at, choice) => {
    if (isBroken) throw new Error('the bills are gone');
    audits += 1;
    const audited = await memoryAudit(days, at, choice);
    const billed_usd = audits * 100;
    return {
      ...audited,
      summary: () => {
        const summary = audited.summary();
        return { ...summary, total: { ...summary.total, billed_usd } };
      },
    };
  };
  const agent = pageAgent(ledger, { audit, clock: { now: () => now, sleep: async () => {} } });
  return {
    agent,
    breakIt: () => (isBroken = true),
    look: async (afterMs: number): Promise<string> => {
      now += afterMs;
      const text = textOf(await (await agent.ask('/')).text());
      return /\$(\d+)\.00 billed/.exec(text)?.[1] ?? text;
    },
  };
}

it('the bill is audited once for many looks; what is a little old is shown while it is made anew', async () => {
  const { look } = looker();
  expect(await look(0)).toBe('100');
  expect(await look(minuteMs)).toBe('100');
  expect(await look(10 * minuteMs)).toBe('100');
  expect(await look(minuteMs)).toBe('200');
  expect(await look(2 * hourMs)).toBe('300');
});

it('an audit that fails is told to the log, and to the reader once there is none left to show', async () => {
  const { agent, look, breakIt } = looker();
  expect(await look(0)).toBe('100');
  breakIt();
  expect(await look(10 * minuteMs)).toBe('100');
  expect(await look(hourMs)).toContain('it could not be read; the log of the agent says why');
  expect(agent.errors.map(String)).toContain('Error: the bills are gone');
});
