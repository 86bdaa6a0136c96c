import { describe, expect, it } from 'vitest';
import type { Log } from '../../../agent/core/log.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { dayMs, hourMs, isoUtc, minuteMs } from '../../../agent/core/time.ts';
import { coveredMs, union } from '../../../agent/core/window.ts';
import { createApiMeter } from '../../../agent/schedule/api-meter.ts';
import { createSpendLimits } from '../../../agent/schedule/spend-limits.ts';
import type { SpendLimit } from '../../../agent/schedule/spend-limits.ts';
import { createWorkbench, opening, runSource } from './running.ts';
import { createScriptedCloud, listed, steady, targetIn } from './scripted-cloud.ts';

const calm = [steady('calm')];
const busy = ['a', 'b', 'c', 'd'].map((model) => steady(model));
const regions = { 'calm-1': calm, 'busy-1': busy };
const world = [...calm, ...busy];
const busyId = targetIn('busy-1', busy).id;
const calmId = targetIn('calm-1', calm).id;
const midnight = opening - (opening % dayMs) + dayMs;
/** One series once. */
const once = 10_000n;

/** A source of two targets with a day's limit, from noon on. */
async function run(limit: SpendLimit, backfillSeconds = 2 * 3_600) {
  const bench = createWorkbench();
  const limits = createSpendLimits(limit);
  const told: string[] = [];
  const log: Log = {
    ...silentLog,
    warn: (message, fields) =>
      void told.push(`${message} ${String(fields?.['target'] ?? fields?.['source'])}`),
    info: (message, fields) => {
      if (message === 'no longer slowed') told.push(`${message} ${String(fields?.['target'])}`);
    },
  };
  const settings = {
    ...bench.deps.settings,
    everySeconds: 300,
    discoverySeconds: 900,
    backfillSeconds,
  };
  const deps = { ...bench.deps, settings, limits, log };
  const meter = createApiMeter({ clock: bench.clock, ledger: bench.ledger, limits });
  const cloud = createScriptedCloud(bench.clock, world, () => listed(regions), meter);
  const source = runSource({ ...bench, deps }, cloud.collector);
  await bench.clock.settle();
  const spent = (at = bench.clock.now()) => bench.ledger.apiSpent('aws', at);
  const pollsOf = (id: string, from: number) =>
    cloud.asked
      .filter(({ target, at }) => target.id === id && at >= from)
      .map(({ at }) => isoUtc(at).slice(11, 16));
  return { ...bench, ...source, cloud, spent, pollsOf, told };
}

function settledShare(
  { ledger, clock }: Awaited<ReturnType<typeof run>>,
  id: string,
  hours: number,
) {
  const within = { start: clock.now() - hours * hourMs, end: clock.now() - hourMs };
  const shares = [...ledger.coverage(id).values()].map(
    (spans) =>
      coveredMs(within, union(spans.filter((span) => span.settled))) / (within.end - within.start),
  );
  return Math.min(...shares);
}

describe('auto', () => {
  it('slows nothing, and says the cadence', async () => {
    const s = await run('auto', 86_400);
    await s.clock.advance(6 * hourMs);
    expect(s.told).toEqual([]);
    expect(await s.status(busyId)).toMatchObject({ cadenceSeconds: 300, slowed: null });
    expect(s.pollsOf(busyId, s.clock.now() - 30 * minuteMs)).toHaveLength(6);
    await s.stop();
  });

  it('slows nothing of a first fill that costs far more than a day, for that is predicted too', async () => {
    const s = await run('auto', 14 * 86_400);
    await s.clock.advance(hourMs);
    expect(s.told).toEqual([]);
    expect(settledShare(s, busyId, 2 * 24)).toBe(1);
    await s.stop();
  });
});

describe('a limit that is too low for the rest of the day', () => {
  /** Two thirds of what twelve hours of both targets cost. */
  const short = { nanoUsdPerDay: (once * 12n * 12n * 5n * 2n) / 3n };

  it('has the least busy target read less often, says so on record and once in the log, and is kept', async () => {
    const s = await run({ nanoUsdPerDay: once * 700n });
    await s.clock.advance(hourMs);
    const from = s.clock.now();
    await s.clock.advance(3 * hourMs);
    expect(s.pollsOf(calmId, from).length).toBeLessThan(s.pollsOf(busyId, from).length);
    const status = await s.status(calmId);
    expect(status?.cadenceSeconds).toBeGreaterThanOrEqual(600);
    expect(status?.slowed).toMatch(
      /^read every (10|20|60) min instead of 5 min, idle series every 1 h, history and the re-read of the last day wait: source aws spent \$0\.\d+ of the \$0\.007000 it may spend today on its calls; raise api_spend_limit or poll\.every$/,
    );
    expect(status?.nextPoll).toBeGreaterThan(s.clock.now());
    expect(s.told.filter((line) => line.startsWith('slowed')).length).toBeLessThan(8);
    await s.stop();
  });

  it('is kept, and made use of', async () => {
    const s = await run(short);
    await s.clock.advance(midnight - s.clock.now() - minuteMs);
    expect(s.spent()).toBeLessThanOrEqual(short.nanoUsdPerDay);
    expect(s.spent()).toBeGreaterThan((short.nanoUsdPerDay * 8n) / 10n);
    await s.stop();
  });

  it('loses nothing: what was read late is read whole, by longer reads or as gaps', async () => {
    const s = await run(short);
    await s.clock.advance(midnight + 2 * hourMs - s.clock.now());
    expect(settledShare(s, busyId, 13)).toBe(1);
    expect(settledShare(s, calmId, 13)).toBe(1);
    await s.stop();
  });

  it('goes at full pace again when the day begins, if the day’s money is enough for it', async () => {
    const s = await run({ nanoUsdPerDay: once * 12n * 24n * 6n }, 60 * 86_400);
    await s.clock.advance(midnight - s.clock.now() + 5 * minuteMs);
    expect(await s.status(busyId)).toMatchObject({ cadenceSeconds: 300, slowed: null });
    await s.stop();
  });
});

describe('a limit that is soon spent', () => {
  const limit = { nanoUsdPerDay: once * 60n };

  it('is never passed; then nothing is read until midnight, and that is said, not failed', async () => {
    const s = await run(limit);
    await s.clock.advance(11 * hourMs + 50 * minuteMs);
    expect(s.spent()).toBeLessThanOrEqual(limit.nanoUsdPerDay);
    const status = await s.status(busyId);
    expect(status?.failure).toBeNull();
    expect(status?.nextPoll).toBe(midnight);
    expect(status?.slowed).toMatch(/^nothing is read until 00:00 UTC: source aws spent \$0\.0/);
    expect(s.loop.waitingFor()).toEqual([]);
    const asked = s.cloud.asked.length;
    await s.clock.advance(9 * minuteMs);
    expect(s.cloud.asked).toHaveLength(asked);
    await s.stop();
  });

  it('goes on at midnight and fills in what it left out', async () => {
    const s = await run(limit);
    await s.clock.advance(midnight - s.clock.now() + 2 * minuteMs);
    expect(s.pollsOf(busyId, midnight).length).toBeGreaterThan(0);
    expect((await s.status(busyId))?.slowed ?? '').not.toContain('nothing is read');
    await s.clock.advance(dayMs - hourMs);
    expect(s.spent()).toBeLessThanOrEqual(limit.nanoUsdPerDay);
    expect(s.spent(opening)).toBeLessThanOrEqual(limit.nanoUsdPerDay);
    await s.stop();
  });

  it('is not passed by two runs on one day: what was spent stands in the ledger', async () => {
    const s = await run(limit);
    for (let calls = 0; calls < 58; calls += 1) {
      const { scope, ...rest } = { scope: busyId, source: 'aws', operation: 'earlier', metrics: 1 };
      s.ledger.recordApiCall({ scope, ...rest, costNanoUsd: once, at: opening });
    }
    await s.clock.advance(6 * hourMs);
    expect(s.spent()).toBeLessThanOrEqual(limit.nanoUsdPerDay);
    await s.stop();
  });

  it('of a source that cannot even be listed has what the ledger knows followed, and read when the day begins', async () => {
    const s = await run({ nanoUsdPerDay: 0n });
    await s.clock.advance(minuteMs);
    expect(s.cloud.listings).toEqual([]);
    expect(s.loop.waitingFor()).toEqual([]);
    await s.stop();
  });
});

it('history that does not fit comes piece by piece, one an hour, while the newest minutes are read', async () => {
  const s = await run({ nanoUsdPerDay: once * (12n * 12n * 5n + 60n) }, 9 * 86_400);
  await s.clock.advance(4 * hourMs);
  const gaps = s.cloud.asked.filter(
    ({ window, at }) => at > opening + hourMs && window.end - window.start > hourMs,
  );
  expect(gaps).toHaveLength(3);
  expect((await s.status(busyId))?.slowed).toMatch(/history and the re-read of the last day wait/);
  await s.stop();
});
