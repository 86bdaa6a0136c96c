import { expect, test, vi } from 'vitest';
import { dayMs, hourMs, minuteMs, secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Traffic } from '../../collectors/emulator/lane.ts';
import { truth } from '../../collectors/emulator/truth.ts';
import { startMeteredAgent } from '../support/metered-agent.ts';
import type { Gone, MeteredAgent } from '../support/metered-agent.ts';
import { differences, replay } from '../support/rehearsal.ts';

// Real clients over loopback, a day of history and some hundred polls.
vi.setConfig({ testTimeout: 300_000 });

/** A weekday noon, ten seconds past. */
const noon = Date.UTC(2026, 10, 18, 12);
const start = noon + 10 * secondMs;
const everyMs = 5 * minuteMs;
/** What may pass for a model that was not used for three hours: a quarter of an hour, and a poll. */
const idleLateMs = 15 * minuteMs + everyMs;

/** The replay with one model silent all day until a moment. */
function traffic(speaksFrom: Instant): Traffic {
  const all = replay();
  const silent = (id: string) => id === 'aws/444455556666/us-west-2/runtime/us.openai.gpt-5.6-sol';
  expect(all.lanes.filter(({ id }) => silent(id)).length).toBeGreaterThan(0);
  return {
    lanes: all.lanes,
    requests: (lane, minute) =>
      silent(lane.id) && minute < speaksFrom && minute > noon - 20 * hourMs
        ? []
        : all.requests(lane, minute),
  };
}

const grouping = ['cloud', 'account', 'region', 'resource', 'deployment', 'model'] as const;

/**
 * Minutes that the ledger lacks or has wrong, of the last hour up to the newest minute that could be read at `at`. Of
 * what was silent for three hours until a while ago the last while does not count.
 */
async function late({ ledger }: MeteredAgent, used: Traffic, at: Instant) {
  const head = Math.floor((at - minuteMs) / minuteMs) * minuteMs;
  const idle = new Set(
    truth(used, {
      from: at - idleLateMs - 3 * hourMs,
      to: at - idleLateMs,
      step: 'total',
      groupBy: grouping,
    })
      .filter((row) => row.requests === 0 && row.throttles === 0)
      .map((row) => grouping.map((name) => Reflect.get(row, name)).join(' ')),
  );
  const lines = await differences(
    ledger,
    used,
    { start: head - hourMs, end: head },
    '1m',
    grouping,
  );
  return lines.filter((line) => {
    const [time = '', ...rest] = line.split(' ');
    const isIdle = [...idle].some((name) => rest.join(' ').startsWith(name));
    return !isIdle || Date.parse(time) < at - idleLateMs;
  });
}

function sumOf(calls: readonly Gone[]) {
  return {
    metrics: calls.reduce((sum, call) => sum + call.metrics, 0),
    usd: Number(calls.reduce((sum, call) => sum + call.costNanoUsd, 0n)) / 1e9,
  };
}

test('an hour costs at most a fifth of what one question a minute, metric and statistic would, and no point is later than a poll', async () => {
  const speaksFrom = noon + 32 * minuteMs;
  const used = traffic(speaksFrom);
  const agent = await startMeteredAgent(start, used);
  await agent.clock.advance(4 * minuteMs);
  const before = agent.calls.length;
  const found: string[] = [];
  for (let poll = 1; poll <= 12; poll += 1) {
    await agent.clock.advance(noon + poll * everyMs + 20 * secondMs - agent.clock.now());
    found.push(...(await late(agent, used, agent.clock.now())));
  }
  expect(found).toEqual([]);
  const ours = sumOf(agent.calls.slice(before));
  let questions = 0;
  for (const source of ['aws', 'aws-search']) {
    const nothing = { scopes: [], targets: [], inventory: [], failures: [] };
    const all = { ...nothing, scopes: [source] };
    for (const target of agent.ledger.recordDiscovery(source, all, agent.clock.now())) {
      for (const unit of target.units) {
        questions += target.rows.find(({ id }) => id === unit.rowId)?.statistics.length ?? 0;
      }
    }
  }
  const naive = { metrics: questions * 60, usd: (questions * 60 * 10_000) / 1e9 };
  process.stdout.write(
    `metrics in an hour: ${ours.metrics} ($${ours.usd.toFixed(5)}), asked one by one each minute ` +
      `${naive.metrics} ($${naive.usd.toFixed(5)}): a ${(naive.metrics / ours.metrics).toFixed(1)}th\n`,
  );
  expect(questions).toBeGreaterThan(100);
  expect(ours.metrics).toBeLessThanOrEqual(naive.metrics / 5);
  expect(ours.usd).toBeLessThanOrEqual(naive.usd / 5);
  expect(ours.metrics).toBeGreaterThan(0);
  await agent.stop();
});

/** For each place and limit: how many more calls, and points, went in some span than its bucket permits; none is the wish. */
function aboveLimit(calls: readonly Gone[]): readonly string[] {
  const lanes = new Map<string, Gone[]>();
  for (const call of calls) {
    const name = `${call.bucket} ${call.limit?.name}`;
    lanes.set(name, [...(lanes.get(name) ?? []), call]);
  }
  const found: string[] = [];
  for (const [name, gone] of lanes) {
    const limit = gone[0]?.limit;
    if (limit === undefined) continue;
    for (let from = 0; from < gone.length; from += 1) {
      let points = 0;
      for (let to = from; to < gone.length; to += 1) {
        points += gone[to]?.points ?? 0;
        const seconds = ((gone[to]?.at ?? 0) - (gone[from]?.at ?? 0)) / secondMs;
        if (to - from + 1 > limit.burst + limit.perSecond * seconds + 1e-6) {
          found.push(`${name}: ${to - from + 1} calls in ${seconds} s`);
        }
        const most = limit.points;
        if (most !== undefined && points > most.burst + most.perSecond * seconds + 1e-6) {
          found.push(`${name}: ${points} points in ${seconds} s`);
        }
      }
    }
  }
  return found;
}

test('a machine that slept for a day asks no faster than its clouds like, newest minutes first, and ends whole', async () => {
  const used = replay();
  const agent = await startMeteredAgent(start, used, { backfillSeconds: 26 * 3_600 });
  await agent.clock.advance(10 * minuteMs);
  const before = agent.calls.length;
  await agent.clock.jump(dayMs);
  const woke = agent.clock.now();
  await agent.clock.advance(20 * minuteMs);
  const calls = agent.calls.slice(before);
  expect(calls.length).toBeGreaterThan(100);
  expect(aboveLimit(agent.calls)).toEqual([]);
  const targets = new Set(calls.filter(({ points }) => points > 0).map(({ scope }) => scope));
  const firstReads = calls.filter(({ points }) => points > 0).slice(0, targets.size);
  expect(Math.max(...firstReads.map(({ at }) => at)) - woke).toBeLessThan(minuteMs);
  const span = { start: start - hourMs, end: woke - 20 * minuteMs };
  const whole = {
    start: Math.ceil(span.start / hourMs) * hourMs,
    end: Math.floor(span.end / hourMs) * hourMs,
  };
  expect(await differences(agent.ledger, used, whole, '1h', grouping)).toEqual([]);
  expect((await agent.ledger.sources(woke)).filter(({ failure }) => failure !== null)).toEqual([]);
  const soon = calls.filter(({ at }) => at < woke + minuteMs).length;
  process.stdout.write(
    `after a day asleep: ${soon} calls in the first minute, ${calls.length} in twenty\n`,
  );
  await agent.stop();
});
