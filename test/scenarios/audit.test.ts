import { expect, test, vi } from 'vitest';
import { createAudit } from '../../agent/cli/audit-of.ts';
import { canonicalOf } from '../../agent/normalize/canonical-of.ts';
import { defaultPrices } from '../../agent/pricing/genai/default-prices.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { hourMs, secondMs } from '../../agent/core/time.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { startMeteredAgent } from '../support/metered-agent.ts';

// Real clients over loopback, a week of usage and bills.
vi.setConfig({ testTimeout: 240_000 });

const start = Date.UTC(2026, 10, 18, 12) + 10 * secondMs;
/** The deployment of the demo whose cached tokens are charged twice; its input meter does not tell them apart. */
const lanes = scenarioLanes.filter(
  ({ id }) => id === 'azure/00000000-0000-0000-0000-000000000001/aoai-east/gpt-5.6-sol',
);

test('the built-in cloud rates cached tokens twice, and the first final day says so', async () => {
  const agent = await startMeteredAgent(
    start,
    createTraffic(lanes, loadTrace()),
    { backfillSeconds: 6.6 * 86_400 },
    { bills: true },
  );
  await agent.clock.advance(hourMs);
  const prices = await defaultPrices(canonicalOf);
  agent.ledger.rateWith(createRater(prices, []), agent.clock.now());
  const audit = createAudit(agent.ledger, {
    contracts: {
      openaiInputIncludesCached: true,
      openaiInputConfirmed: true,
      bedrockInvocations: 'accepted',
    },
    currencies: [],
    filePrices: [],
  });
  const days = { start: Date.UTC(2026, 10, 12), end: Date.UTC(2026, 10, 14) };
  const audited = await audit(days, agent.clock.now(), {
    name: 'models',
    keeps: ({ model }) => model !== '',
  });
  const rows = await audited.rows();
  const [final, open] = ['2026-11-12', '2026-11-13'].map((day) =>
    rows.filter((row) => row.day === day),
  );
  expect(new Set(open?.map((row) => row.class))).toEqual(new Set(['not_final']));
  const classes = final?.map((row) => `${row.token_type} ${row.class}`).toSorted();
  expect(classes).toEqual([
    'cache_read allocated',
    'cache_read allocated',
    'input cached_rated_twice',
    'input cached_rated_twice',
    'output in_line',
    'output in_line',
  ]);
  const cached = final?.filter((row) => row.token_type === 'cache_read') ?? [];
  const input = final?.filter((row) => row.token_type === 'input') ?? [];
  const sum = (some: typeof input, name: 'drift_quantity' | 'billed_quantity') =>
    some.reduce((all, row) => all + (row[name] ?? 0), 0);
  expect(sum(input, 'drift_quantity')).toBe(sum(cached, 'billed_quantity'));
  await agent.stop();
});
