import { expect, test, vi } from 'vitest';
import { dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import type { Traffic } from '../../collectors/emulator/lane.ts';
import { figureColumns } from '../support/figures.ts';
import { runWorld } from './running-world.ts';
import type { RunningWorld } from './running-world.ts';
import { smallTraffic, sourcesOf } from './small-world.ts';

/**
 * A model that nobody uses for 20 days. Clouds forget it meanwhile: CloudWatch lists no metric that was silent for two
 * weeks, Azure no series without a point. Its first tokens afterwards must be in the ledger as if it had been there.
 */
vi.setConfig({ testTimeout: 240_000 });

const noon = Date.UTC(2026, 10, 4, 12);
const start = noon + 10_000;
const silence = { start: noon + 3 * hourMs, end: noon + 3 * hourMs + 20 * dayMs };
const silent = {
  aws: 'aws/111122223333/eu-central-1/runtime/eu.anthropic.claude-sonnet-4-6',
  azure: 'azure/00000000-0000-0000-0000-000000000001/aoai-east/chat',
} as const;
const clouds = ['aws', 'azure'] as const;
/** Rarely, so that 20 days are quickly over; every minute is read all the same. */
const settings = { everySeconds: 10_800, discoverySeconds: 10_800, backfillSeconds: 3 * 86_400 };

/** The others are used in every tenth minute while the one is silent. */
function trafficOf(cloud: 'aws' | 'azure'): Traffic {
  const all = smallTraffic();
  const isQuiet = (id: string, minute: Instant) =>
    minute >= silence.start &&
    minute < silence.end &&
    (id === silent[cloud] || (minute / minuteMs) % 10 !== 0);
  return {
    lanes: all.lanes.filter((lane) => lane.cloud === cloud),
    requests: (lane, minute) => (isQuiet(lane.id, minute) ? [] : all.requests(lane, minute)),
  };
}

/** Whether a fresh look at the cloud finds any meter that names the model; Azure's name none. */
async function isListed(cloud: 'aws' | 'azure', world: RunningWorld): Promise<boolean> {
  const found: boolean[] = [];
  for (const collector of sourcesOf(cloud, world.clouds, world.clock, 20_000)) {
    const { targets } = await collector.discover(new AbortController().signal);
    const units = targets.flatMap((target) => target.units);
    found.push(units.some(({ dimensions }) => dimensions['ModelId']?.startsWith('eu.') === true));
    await collector.close();
  }
  return found.includes(true);
}

/** Distinct figures of the silent model over a span, by the hour. */
async function figuresOf(world: RunningWorld, cloud: 'aws' | 'azure', span: Window) {
  const { rows } = await queryUsage(world.ledger, {
    from: span.start,
    to: span.end,
    stepMs: hourMs,
    groupBy: ['region', 'deployment'],
    filters: new Map(),
    teams: [],
  });
  const mine = rows.filter((row) =>
    cloud === 'aws' ? row.region === 'eu-central-1' : row.deployment === 'chat',
  );
  expect(mine.length).toBeGreaterThan(0);
  const told = figureColumns.filter((column) => column !== 'unsplit_input_tokens');
  const columns = cloud === 'aws' ? told : (['output_tokens', 'requests', 'errors'] as const);
  return [...new Set(mine.flatMap((row) => columns.map((column) => row[column])))];
}

test.each(clouds)(
  'a %s model that is silent for 20 days under a running agent is zero meanwhile, unknown where the agent was away, and back with its first tokens',
  async (cloud) => {
    const world = await runWorld({ cloud, start, traffic: trafficOf(cloud), settings });
    await world.clock.advance(9 * dayMs);
    const away = { start: floorTo(world.clock.now(), hourMs) + hourMs, end: 0 };
    await world.restart(async () => {
      await world.clock.advance(2 * dayMs);
      away.end = floorTo(world.clock.now(), hourMs) - hourMs;
      expect(await figuresOf(world, cloud, away), 'hours nobody looked at').toEqual([null]);
    });
    await world.clock.advance(4 * hourMs);
    expect(await figuresOf(world, cloud, away), 'looked at since, and silent').toEqual([0]);
    await world.clock.advance(silence.end - 4 * hourMs - world.clock.now());
    expect(await isListed(cloud, world)).toBe(false);
    await world.restart();
    await world.clock.advance(7 * hourMs + 5 * minuteMs);
    expect(await isListed(cloud, world)).toBe(cloud === 'aws');
    expect(await world.untrue({ start: silence.end - 4 * hourMs, end: silence.end })).toEqual([]);
    const backAgain = { start: silence.end, end: silence.end + 2 * hourMs };
    expect(await world.untrue(backAgain)).toEqual([]);
    expect(await figuresOf(world, cloud, backAgain)).not.toContain(0);
    const whole = { start: noon - 2 * dayMs, end: silence.end };
    expect(await world.untrue(whole, ['total', '1h'])).toEqual([]);
    expect((await world.sources()).filter((row) => row.reason !== null)).toEqual([]);
    await world.close();
  },
);

test.each(clouds)(
  'a %s model that no agent has seen, for it was silent, is in the ledger from its first minute',
  async (cloud) => {
    const from = silence.end - dayMs + 10_000;
    const world = await runWorld({ cloud, start: from, traffic: trafficOf(cloud), settings });
    await world.clock.advance(dayMs - hourMs);
    expect(await isListed(cloud, world)).toBe(false);
    await world.clock.advance(7 * hourMs + 5 * minuteMs);
    const span = { start: silence.end - 5 * hourMs, end: silence.end + hourMs };
    expect(await world.untrue(span)).toEqual([]);
    await world.close();
  },
);
