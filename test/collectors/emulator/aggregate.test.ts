import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteMs } from '../../../agent/core/time.ts';
import { createAggregates, percentile } from '../../../collectors/emulator/aggregate.ts';
import type { Column } from '../../../collectors/emulator/aggregate.ts';
import type { Lane, Request } from '../../../collectors/emulator/lane.ts';
import { meteredInput } from '../../../collectors/emulator/meters.ts';
import { scenarioLanes } from '../../../collectors/emulator/scenario.ts';
import { tierOrder } from '../../../collectors/emulator/serve-request.ts';
import { loadTrace } from '../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../collectors/emulator/traffic.ts';
import { laneOf } from './scripted-traffic.ts';

const traffic = createTraffic(scenarioLanes, loadTrace());
const aggregates = createAggregates(traffic);
const day = Date.parse('2026-11-18T00:00:00Z');

function expected(lane: Lane, requests: readonly Request[]): Partial<Record<Column, number>> {
  const served = requests.filter((request) => request.status === 200);
  const sum = (of: (request: Request) => number) => served.reduce((n, r) => n + of(r), 0);
  const least = (of: (request: Request) => number) =>
    served.length === 0 ? 0 : Math.min(...served.map(of));
  const most = (of: (request: Request) => number) => Math.max(0, ...served.map(of));
  const count = (status: number) => requests.filter((r) => r.status === status).length;
  return {
    served: served.length,
    clientErrors: count(400),
    serverErrors: count(500),
    throttles: count(429),
    input: sum((r) => r.input),
    metered: sum((r) => meteredInput(lane, r)),
    meteredMin: least((r) => meteredInput(lane, r)),
    meteredMax: most((r) => meteredInput(lane, r)),
    cacheRead: sum((r) => r.cacheRead),
    cacheReadMax: most((r) => r.cacheRead),
    cacheWrite: sum((r) => r.cacheWrite),
    cacheWriteMax: most((r) => r.cacheWrite),
    output: sum((r) => r.output),
    outputMin: least((r) => r.output),
    outputMax: most((r) => r.output),
    latencyMs: sum((r) => r.latencyMs),
    latencyMsMin: least((r) => r.latencyMs),
    latencyMsMax: most((r) => r.latencyMs),
    latencyMsP90: percentile(
      served.map((r) => r.latencyMs),
      90,
    ),
    firstTokenMsMin: least((r) => r.firstTokenMs),
    firstTokenMsMax: most((r) => r.firstTokenMs),
  };
}

describe('the sums of a minute', () => {
  const minutes = fc.integer({ min: 0, max: 3 * 24 * 60 }).map((n) => day - n * minuteMs);

  it('are those of its requests, by lane and by tier', () => {
    fc.assert(
      fc.property(fc.constantFrom(...scenarioLanes), minutes, (lane, minute) => {
        const requests = traffic.requests(lane, minute);
        for (const tier of [undefined, ...tierOrder]) {
          const strand = aggregates.strand(lane, tier);
          if (strand === undefined) continue;
          const mine = requests.filter((r) => tier === undefined || r.tier === tier);
          const wanted = expected(lane, mine);
          const read = Object.fromEntries(
            Object.keys(wanted).map((column) => [
              column,
              aggregates.read(strand, minute, column as Column),
            ]),
          );
          expect(read).toEqual(wanted);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are kept by tier only where a lane has several', () => {
    const several = laneOf('111122223333/us-east-1/runtime/openai.gpt-oss-120b-1:0');
    const one = laneOf('444455556666/us-east-1/runtime/openai.gpt-oss-120b-1:0');
    expect(aggregates.strand(several, 'flex')).not.toBe(aggregates.strand(several));
    expect(aggregates.strand(several, 'batch')).toBeUndefined();
    expect(aggregates.strand(one, 'standard')).toBe(aggregates.strand(one));
    expect(aggregates.strand(one, 'flex')).toBeUndefined();
  });
});

describe('a percentile', () => {
  it.each([
    ['of nothing is 0', [], 90, 0],
    ['of one is that one', [7], 90, 7],
    ['is the nearest rank', [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 90, 9],
    ['of 50 is the middle', [3, 1, 2], 50, 2],
    ['of 100 is the greatest', [3, 1, 2], 100, 3],
  ])('%s', (_name, values, percent, wanted) => {
    expect(percentile(values, percent)).toBe(wanted);
  });
});
