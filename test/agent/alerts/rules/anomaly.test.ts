import { describe, expect, it } from 'vitest';
import { createAnomalyMemory } from '../../../../agent/alerts/rules/anomaly-memory.ts';
import { hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { coveredSpan, identityRow } from '../../../support/memory-reader.ts';
import { conditionsOf, depsOf, hourOf, now, ruleOf, settledTo, watermark } from './rule-world.ts';
import type { RuleWorldParts } from './rule-world.ts';

const rule = ruleOf('anomaly', { by: ['model'] });

/** So many dollars an hour for so many hours, the newest one apart. */
function steady(usd: number, hours: number, newest = usd, id = 1) {
  return Array.from({ length: hours }, (_, at) =>
    hourOf(id, at + 1, { usd: at === 0 ? newest : usd }),
  );
}

function world(amounts: RuleWorldParts['amounts']): RuleWorldParts {
  return { identities: [identityRow({ id: 1 })], coverage: [settledTo(1)], amounts: amounts ?? [] };
}

describe('anomaly', () => {
  it('finds an hour at three times its usual and says so', async () => {
    const [found] = await conditionsOf(rule, world(steady(20, 700, 60)));
    expect(found).toMatchObject({
      state: 'met',
      threshold: 2,
      unit: 'factor',
      dataUntil: watermark,
    });
    expect(found?.value).toBeCloseTo(61 / 21, 9);
    expect(found?.annotations['summary']).toBe(
      'r: anthropic/claude-sonnet-4.6 cost $60.00 in the hour to 12:00 UTC, 2.9× its usual $20.00 (limit 2×)',
    );
  });

  it.each([
    ['the usual is clear', world(steady(20, 700)), 'clear'],
    ['three times next to nothing is clear', world(steady(0.2, 700, 0.6)), 'clear'],
    ['nine dollars more are below the default of ten', world(steady(4, 700, 13)), 'clear'],
    [
      'ten days of history are no data',
      { ...world(steady(20, 240, 60)), coverage: [settledFor(240)] },
      'no_data',
    ],
    [
      'stale data is no data',
      { ...world(steady(20, 700, 60)), coverage: [settledTo(1, now - 3 * hourMs)] },
      'no_data',
    ],
  ] as const)('%s', async (_, parts, state) => {
    expect((await conditionsOf(rule, parts)).map((one) => one.state)).toEqual([state]);
  });

  it('does not take what was not read for nothing: a blind week is no week', async () => {
    const blind = [
      coveredSpan(1, { start: watermark - 700 * hourMs, end: watermark - 550 * hourMs }),
      coveredSpan(1, { start: watermark - 160 * hourMs, end: watermark }),
    ];
    const [found] = await conditionsOf(rule, { ...world(steady(20, 160, 60)), coverage: blind });
    expect(found?.state).toBe('no_data');
  });

  it('knows what a model cost under its former deployments', async () => {
    const parts: RuleWorldParts = {
      identities: [
        identityRow({ id: 1, deployment: 'old', to: watermark - 48 * hourMs }),
        identityRow({ id: 2, trafficId: 1, deployment: 'new', from: watermark - 48 * hourMs }),
      ],
      coverage: [settledTo(1)],
      amounts: [...steady(20, 48, 20, 2), ...steady(20, 700).slice(48)],
    };
    expect((await conditionsOf(rule, parts))[0]?.state).toBe('clear');
  });

  it('keeps quiet with fewer requests a day than min_requests', async () => {
    const quiet = { ...rule, minRequests: 5_000 };
    expect((await conditionsOf(quiet, world(steady(20, 700, 60))))[0]?.state).toBe('clear');
  });

  it('reads the history once an hour when it has a memory', async () => {
    const memory = createAnomalyMemory();
    const parts = world(steady(20, 700, 60));
    const { reader } = depsOf(parts);
    const asked: number[] = [];
    const deps = {
      anomalies: memory,
      reader: {
        ...reader,
        amounts: async (query: Parameters<typeof reader.amounts>[0]) => {
          if (query.bucketMs === hourMs) asked.push(query.window.start);
          return reader.amounts(query);
        },
      },
    };
    const first = await conditionsOf(rule, { ...parts, deps });
    const reads = asked.length;
    const second = await conditionsOf(rule, { ...parts, deps }, now + minuteMs);
    expect(reads).toBeGreaterThan(0);
    expect(asked).toHaveLength(reads);
    expect(second).toEqual(first);
  });
});

function settledFor(hours: number) {
  return coveredSpan(1, { start: watermark - hours * hourMs, end: watermark });
}
