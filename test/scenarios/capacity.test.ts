import { expect, test, vi } from 'vitest';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { queryCapacity } from '../../agent/query/capacity.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import type { Step } from '../../agent/query/step.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { rehearse } from '../support/rehearsal.ts';
import { unitHour } from '../support/capacity-world.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 120_000 });

const noon = Date.UTC(2026, 10, 18, 12);
const from = noon - 2 * hourMs;
/** A unit, an hour. */
const dollars = 2;
const units = 50;

/** The built-in clouds with one more provisioned deployment, that nobody uses. */
function traffic() {
  const idle = scenarioLanes
    .filter(({ deployment }) => deployment === 'gpt-4o-ptu')
    .map((lane) => ({ ...lane, id: `${lane.id}-idle`, deployment: 'reserved' }));
  expect(idle).toHaveLength(1);
  const all = createTraffic([...scenarioLanes, ...idle], loadTrace());
  return {
    lanes: all.lanes,
    requests: (lane: (typeof all.lanes)[number], minute: number) =>
      lane.deployment === 'reserved' ? [] : all.requests(lane, minute),
  };
}

test('provisioned deployments of the built-in clouds cost units × hours × rate, used or not', async () => {
  const world = await rehearse({ start: noon, traffic: traffic(), clouds: { settled: true } });
  const { ledger } = world;
  ledger.rateWith(createRater([unitHour(dollars, { routing: 'in_region' })], []), noon);
  await world.poll();
  world.now = noon + 30 * minuteMs;
  await world.poll();
  ledger.accrueCapacity(world.now);

  const to = noon + 30 * minuteMs;
  const unfiltered = { from, to, filters: new Map(), teams: [] } as const;
  const lines = await queryCapacity(ledger, { ...unfiltered, stepMs: 'total' });
  const told = lines.map(({ deployment, line, unit_hours: hours }) => [deployment, line, hours]);
  expect(told).toEqual([
    ['gpt-4o-ptu', 'used', units * 2.5],
    ['gpt-4o-ptu', 'idle', units * 2.5],
    ['reserved', 'used', units * 2.5],
    ['reserved', 'idle', units * 2.5],
  ]);
  const nano = (usd: number | null | undefined) => BigInt(Math.round((usd ?? Number.NaN) * 1e9));
  const byHand = nano(units * 2.5 * dollars);
  const [used, idle, reservedUsed, reservedIdle] = lines.map((line) => nano(line.cost_usd));
  expect((used ?? 0n) + (idle ?? 0n)).toBe(byHand);
  expect([reservedUsed, reservedIdle]).toEqual([0n, byHand]);
  expect(idle).toBeGreaterThan(0n);
  expect(used).toBeGreaterThan(0n);
  expect(lines[0]?.tokens).toBeGreaterThan(0);
  expect(lines[0]?.effective_usd_per_million).toBeCloseTo(
    (units * 2.5 * dollars * 1e6) / (lines[0]?.tokens ?? 0),
    6,
  );

  const steps: readonly Step[] = [60_000, 300_000, 3_600_000, 86_400_000, 'total'];
  for (const stepMs of steps) {
    const { rows, idleUsd } = await queryUsage(ledger, {
      ...unfiltered,
      stepMs,
      groupBy: ['deployment', 'tier'],
      filters: new Map([['tier', ['provisioned']]] as const),
    });
    const sum = (name: string) =>
      rows
        .filter((row) => row['deployment'] === name)
        .reduce((total, row) => total + nano(row.cost_usd ?? 0), 0n);
    expect([sum('gpt-4o-ptu'), sum('reserved')]).toEqual([byHand, byHand]);
    expect(rows.every((row) => (row.unpriced_tokens ?? 0) === 0)).toBe(true);
    expect(rows.every((row) => row.cost_usd === null || row.cost_method === 'provisioned')).toBe(
      true,
    );
    expect(nano(idleUsd)).toBe((idle ?? 0n) + (reservedIdle ?? 0n));
  }
  await world.close();
});
