import { expect, test, vi } from 'vitest';
import { dayMs, hourMs, secondMs } from '../../agent/core/time.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { startMeteredAgent } from '../support/metered-agent.ts';

// Real clients over loopback, two months of bills.
vi.setConfig({ testTimeout: 120_000 });

const start = Date.UTC(2026, 10, 18, 12) + 10 * secondMs;

/** A model by own credentials, one by a role, one on Azure. */
const lanes = scenarioLanes.filter(({ id }) =>
  [
    'aws/111122223333/us-east-1/runtime/us.anthropic.claude-sonnet-4-6',
    'aws/444455556666/us-west-2/runtime/us.openai.gpt-5.6-sol',
    'azure/00000000-0000-0000-0000-000000000002/foundry-japan/gpt-4o',
  ].includes(id),
);

test('the bills of every source come in beside their usage, within the limit that follows from both', async () => {
  const agent = await startMeteredAgent(
    start,
    createTraffic(lanes, loadTrace()),
    { backfillSeconds: 3_600 },
    { bills: true, dayRetentionSeconds: 40 * 86_400 },
  );
  await agent.clock.advance(hourMs);
  const rows = (await agent.ledger.sources(agent.clock.now())).filter(({ target }) =>
    target.includes('/bills/'),
  );
  expect(rows.map(({ target, failure, slowed }) => [target, failure, slowed])).toEqual(
    [
      'aws-search/444455556666/bills/aws_cost_explorer',
      'aws/111122223333/bills/aws_cost_explorer',
      'aws/111122223333/bills/aws_estimated_charges',
      'azure/00000000-0000-0000-0000-000000000002/bills/azure_cost_management',
    ].map((target) => [target, null, null]),
  );
  const month = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 10, 16) };
  const bills = await agent.ledger.bills(month);
  const kinds = new Set(bills.map(({ account, source }) => `${account} ${source}`));
  expect([...kinds].toSorted()).toEqual([
    '00000000-0000-0000-0000-000000000002 azure_cost_management',
    '111122223333 aws_cost_explorer',
    '444455556666 aws_cost_explorer',
  ]);
  expect(new Set(bills.map(({ day }) => day)).size).toBe(15);
  const told = await agent.ledger.billedDays();
  const days = told.reduce((sum, span) => sum + (span.end - span.start) / dayMs, 0);
  // CloudWatch keeps the gauges of two weeks.
  expect(days).toBe(3 * 40 + 15);

  const asked = agent.calls.length;
  const costly = ({ operation }: { readonly operation: string }) => operation.startsWith('ce:');
  await agent.clock.advance(hourMs);
  expect(agent.calls.slice(asked).filter(costly)).toEqual([]);
  await agent.stop();
  expect(agent.clock.sleepers()).toEqual([]);
});
