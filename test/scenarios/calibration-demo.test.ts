import { expect, test, vi } from 'vitest';
import { learnFromBills } from '../../agent/cli/calibration-upkeep.ts';
import { rateAnew } from '../../agent/cli/price-upkeep.ts';
import { dayMs, hourMs, secondMs } from '../../agent/core/time.ts';
import { canonicalOf } from '../../agent/normalize/canonical-of.ts';
import { defaultPrices } from '../../agent/pricing/genai/default-prices.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { startMeteredAgent } from '../support/metered-agent.ts';

// Real clients over loopback, nine days of usage and bills.
vi.setConfig({ testTimeout: 240_000 });

const start = Date.UTC(2026, 10, 18, 12) + 10 * secondMs;
const november = (day: number) => Date.UTC(2026, 10, day);
/** A deployment whose meters do not tell cached tokens apart, and whose bill does. */
const lanes = scenarioLanes.filter(
  ({ id }) => id === 'azure/00000000-0000-0000-0000-000000000002/foundry-japan/gpt-4.1-mini',
);

test('the built-in cloud teaches by its first final days what the ones after them are billed for', async () => {
  const agent = await startMeteredAgent(
    start,
    createTraffic(lanes, loadTrace()),
    { backfillSeconds: 8.6 * 86_400 },
    { bills: true },
  );
  await agent.clock.advance(hourMs);
  const { ledger, clock } = agent;
  const edition = { source: 'genai_prices', version: '1', fetchedAt: start } as const;
  ledger.keepPrices({ ends: [], begins: await defaultPrices(canonicalOf) }, edition);
  const own = { prices: [], discounts: [] };
  await rateAnew(ledger, own, clock);
  const settings = {
    contracts: {
      openaiInputIncludesCached: true,
      openaiInputConfirmed: false,
      bedrockInvocations: 'accepted',
    },
    currencies: [],
    filePrices: [],
  } as const;
  const { learnt } = await learnFromBills(ledger, settings, own, clock);
  expect(learnt).toMatchObject([
    {
      model: 'openai/gpt-4.1-mini',
      days: 3,
      learntFrom: { start: november(10), end: november(13) },
      from: november(13),
    },
  ]);
  const { rows } = await queryUsage(ledger, {
    from: november(13),
    to: november(17),
    stepMs: dayMs,
    groupBy: [],
    filters: new Map(),
    teams: [],
  });
  const bills = await ledger.bills({ start: november(13), end: november(17) });
  // Those days are on the bill, whole, and not called final yet.
  expect(new Set(bills.map(({ final }) => final))).toEqual(new Set([false]));
  const ofTokens = bills.filter(({ meaning }) => typeof meaning !== 'string');
  const billed = ofTokens.reduce((sum, { cost }) => sum + Number(cost), 0);
  const estimated = rows.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0);
  expect(new Set(rows.map((row) => row.cost_method))).toEqual(new Set(['calibrated']));
  expect(Math.abs(estimated - billed) / billed).toBeLessThan(0.005);
  await agent.stop();
});
