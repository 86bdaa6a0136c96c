import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import type { Traffic } from '../../collectors/emulator/lane.ts';
import { rehearse, replay } from '../support/rehearsal.ts';
import type { Rehearsal } from '../support/rehearsal.ts';

// Real clients over loopback, some dozens of polls each.
vi.setConfig({ testTimeout: 300_000 });

/** A weekday noon, so that every lane has traffic. */
const noon = Date.UTC(2026, 10, 18, 12);
const lastHours = { start: noon - 3 * hourMs, end: noon - 20 * minuteMs };
const groupings = [
  ['cloud', 'model'],
  ['cloud', 'account', 'region', 'resource', 'deployment', 'model'],
  ['endpoint', 'region'],
] as const;

async function expectTruth(rehearsal: Rehearsal, span = lastHours): Promise<void> {
  for (const step of ['total', '1h', '1d', '5m', '1m'] as const) {
    expect(await rehearsal.differences(span, step), `step ${step}`).toEqual([]);
  }
  for (const groupBy of groupings) {
    expect(await rehearsal.differences(span, 'total', groupBy), groupBy.join()).toEqual([]);
  }
}

test('both clouds, all their traps, one poll: every step and grouping equals the replay to the token', async () => {
  const rehearsal = await rehearse({ start: noon });
  await rehearsal.poll();
  await expectTruth(rehearsal);
  await rehearsal.close();
});

test('points that come late and grow while it polls every five minutes end at the truth', async () => {
  const rehearsal = await rehearse({ start: noon - 2 * hourMs, backfillSeconds: 3_600 });
  for (; rehearsal.now <= noon; rehearsal.now += 5 * minuteMs) await rehearsal.poll();
  const span = { start: noon - 3 * hourMs, end: noon - 30 * minuteMs };
  await expectTruth(rehearsal, span);
  const [row] = await rehearsal.ledger.sources(rehearsal.now);
  expect(row?.failure).toBeNull();
  expect(row?.irregularities).toEqual({});
  await rehearsal.close();
});

test('a model that begins to be used, listed a quarter of an hour late, loses none of its first minutes', async () => {
  const begins = noon - 2 * hourMs;
  const all = replay();
  const late = (id: string) => id.endsWith('us.openai.gpt-5.6-sol') || id.includes('chat-eu');
  const traffic: Traffic = {
    lanes: all.lanes,
    requests: (lane, minute) =>
      late(lane.id) && minute < begins ? [] : all.requests(lane, minute),
  };
  expect(all.lanes.filter((lane) => late(lane.id)).length).toBeGreaterThan(1);
  const rehearsal = await rehearse({ start: begins - 10 * minuteMs, traffic });
  for (; rehearsal.now <= noon; rehearsal.now += 10 * minuteMs) await rehearsal.poll();
  await expectTruth(rehearsal);
  await rehearsal.close();
});

test('an outage of two hours and a clock that jumps leave no gap', async () => {
  const rehearsal = await rehearse({ start: noon - 3 * hourMs, backfillSeconds: 4 * 3_600 });
  await rehearsal.poll();
  rehearsal.now = noon - hourMs;
  await rehearsal.poll();
  rehearsal.now = noon;
  await rehearsal.poll();
  await expectTruth(rehearsal);
  await rehearsal.close();
});

test('history older than minutes are kept is filled by the hour, and hours are as exact as minutes', async () => {
  const rehearsal = await rehearse({ start: noon });
  const old = { start: noon - 17 * dayMs, end: noon - 16 * dayMs };
  await rehearsal.backfill(old);
  for (const step of ['1h', '1d', 'total'] as const) {
    expect(await rehearsal.differences(old, step), step).toEqual([]);
  }
  const { rows } = await queryUsage(rehearsal.ledger, {
    from: old.start,
    to: old.start + hourMs,
    stepMs: 60_000,
    groupBy: ['cloud'],
    filters: new Map(),
    teams: [],
  });
  expect(rows.length).toBe(120);
  expect(new Set(rows.map((row) => row.output_tokens)), 'no minute of it was read').toEqual(
    new Set([null]),
  );
  await rehearsal.close();
});

test('two runs of the agent over one file, with an alias edited between, double nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-scenario-'));
  const path = join(folder, 'ledger.db');
  const first = await rehearse({ start: noon - hourMs, path });
  await first.poll();
  await first.close();
  const aliases = new Map([['azure/chat-eu', 'openai/gpt-5.6-sol-eu']]);
  const second = await rehearse({ start: noon, path, aliases });
  await second.poll();
  const byDeployment = ['cloud', 'resource', 'region', 'deployment', 'endpoint'] as const;
  expect(await second.differences(lastHours, 'total', byDeployment)).toEqual([]);
  const models = new Set((await second.ledger.identities()).map((one) => one.model));
  expect(models.has('openai/gpt-5.6-sol-eu')).toBe(true);
  await second.close();
  rmSync(folder, { recursive: true, force: true });
});

test('service tiers that Azure begins to tell later are told for the past too, and nothing counts twice', async () => {
  let tiers = false;
  const rehearsal = await rehearse({
    start: noon - 25 * hourMs,
    backfillSeconds: 3_600,
    clouds: { azure: { offersTiers: () => tiers } },
  });
  await rehearsal.poll();
  tiers = true;
  rehearsal.now = noon;
  await rehearsal.poll();
  const span = { start: noon - hourMs, end: noon - 20 * minuteMs };
  await expectTruth(rehearsal, span);
  expect(
    await rehearsal.differences({ start: noon - 26 * hourMs, end: noon - 25.5 * hourMs }, 'total'),
  ).toEqual([]);
  await rehearsal.close();
});
