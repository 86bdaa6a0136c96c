import { describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../../../../agent/core/time.ts';
import { startAws } from '../../../../collectors/emulator/aws/server.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';
import { laneOf, scriptedTraffic } from '../scripted-traffic.ts';
import { cloudWatch, getAll, queries } from './clients.ts';

const minute = Date.parse('2026-11-18T12:00:00Z');
const lane = laneOf('us-east-1/runtime/us.openai.gpt-5.6-sol');
const requests = Array.from({ length: 40 }, (_, i) => ({
  lane,
  start: minute + i,
  input: 100 + i,
  output: 10,
  latencyMs: 100 + i,
}));
const traffic = scriptedTraffic([lane], requests);
const dimensions = { ModelId: 'us.openai.gpt-5.6-sol' };
const statistics = ['Sum', 'SampleCount', 'Average', 'Minimum', 'Maximum', 'p90'] as const;
const call = {
  MetricDataQueries: queries(
    statistics.map((statistic) => ({ name: 'InputTokenCount', statistic, dimensions })),
  ),
  StartTime: new Date(minute),
  EndTime: new Date(minute + minuteMs),
};

/** The six statistics of the minute at so many seconds after its end; undefined where none is shown. */
async function readAt(seconds: number) {
  const now = minute + minuteMs + seconds * secondMs;
  const aws = await startAws(createWorld({ traffic, now: () => now }));
  const client = cloudWatch(aws.url);
  try {
    const { points } = await getAll(client, call);
    return statistics.map((_, i) => points.get(`m${i}`)?.[0]?.[1]);
  } finally {
    client.destroy();
    await aws.close();
  }
}

describe('a minute of CloudWatch', () => {
  it('is not there at first', async () => {
    expect(await readAt(30)).toEqual(statistics.map(() => undefined));
  });

  it('then shows part of its requests, in statistics that fit together, and grows', async () => {
    let before = 0;
    for (const seconds of [181, 240, 330, 479]) {
      const [sum = 0, count = 0, average, least, greatest, p90] = await readAt(seconds);
      const seen = requests.slice(0, count).map((request) => request.input);
      expect(count).toBeGreaterThanOrEqual(24);
      expect(count).toBeGreaterThanOrEqual(before);
      expect(sum).toBe(seen.reduce((a, b) => a + b, 0));
      expect(average).toBe(sum / count);
      expect([least, greatest]).toEqual([100, seen.at(-1)]);
      expect(p90).toBe(seen[Math.ceil(count * 0.9) - 1]);
      before = count;
    }
    expect(before).toBeLessThanOrEqual(40);
    expect((await readAt(181))[1]).toBeLessThan(40);
  });

  it('is whole eight minutes after its end, and stays so', async () => {
    const whole = [4780, 40, 119.5, 100, 139, 135];
    expect(await readAt(480)).toEqual(whole);
    expect(await readAt(86_400)).toEqual(whole);
  });

  it('shows the same state on all pages of one answer, though time goes on', async () => {
    let now = minute + minuteMs + 200 * secondMs;
    const clock = () => {
      now += 20 * secondMs;
      return now;
    };
    const aws = await startAws(createWorld({ traffic, now: clock }));
    const client = cloudWatch(aws.url);
    try {
      const { points, pages } = await getAll(client, { ...call, MaxDatapoints: 1 });
      const [sum = 0, count = 0, average] = statistics.map((_, i) => points.get(`m${i}`)?.[0]?.[1]);
      expect(pages).toHaveLength(statistics.length);
      expect(count).toBeLessThan(40);
      expect(average).toBe(sum / count);
    } finally {
      client.destroy();
      await aws.close();
    }
  });
});
