import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { scenarioLanes } from '../../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../collectors/emulator/traffic.ts';
import { truth, truthDimensions } from '../../../collectors/emulator/truth.ts';
import { laneOf, scriptedTraffic } from './scripted-traffic.ts';
import { figureColumns } from '../../support/figures.ts';

const noon = Date.parse('2026-11-18T12:00:00Z');
const claude = laneOf('us-east-1/runtime/us.anthropic.claude-sonnet-4-6');
const mantle = laneOf('us-east-1/mantle/default/openai.gpt-5.5');
const azure = laneOf('aoai-east/gpt-5.6-sol');

describe('the truth', () => {
  const traffic = scriptedTraffic(
    [claude, mantle, azure],
    [
      { lane: claude, start: noon + 5, input: 50, cacheRead: 400, cacheWrite: 30, output: 7 },
      { lane: claude, start: noon + 90_000, input: 1, output: 1 },
      { lane: claude, start: noon + 6, status: 400, input: 0, output: 0 },
      { lane: claude, start: noon + 7, status: 500, input: 0, output: 0 },
      { lane: claude, start: noon + 8, status: 429, input: 0, output: 0 },
      { lane: mantle, start: noon + 5, input: 50, cacheRead: 400, output: 7 },
      { lane: mantle, start: noon + 6, status: 400, input: 0, output: 0 },
      { lane: mantle, start: noon + 7, status: 500, input: 0, output: 0 },
      { lane: mantle, start: noon + 8, status: 429, input: 0, output: 0 },
      { lane: azure, start: noon + 5, input: 20, cacheRead: 10, output: 3, tier: 'priority' },
      { lane: azure, start: noon + 6, input: 2, output: 1 },
      { lane: azure, start: noon + 7, status: 500, input: 0, output: 0 },
    ],
  );
  const query = { from: noon, to: noon + 10 * minuteMs, step: 'total', groupBy: [] } as const;

  it('splits input where cache meters are, and tells what each endpoint can tell', () => {
    const rows = truth(traffic, { ...query, groupBy: ['endpoint'] });
    const time = '2026-11-18T12:00:00.000Z';
    expect(rows).toEqual([
      {
        time,
        endpoint: 'runtime',
        input_tokens: 51,
        cache_read_tokens: 400,
        cache_write_tokens: 30,
        output_tokens: 8,
        unsplit_input_tokens: null,
        requests: 4,
        errors: 2,
        throttles: 1,
      },
      {
        time,
        endpoint: 'mantle',
        input_tokens: null,
        cache_read_tokens: null,
        cache_write_tokens: null,
        output_tokens: 7,
        unsplit_input_tokens: 450,
        requests: 3,
        errors: 1,
        throttles: null,
      },
      {
        time,
        endpoint: 'azure',
        input_tokens: null,
        cache_read_tokens: null,
        cache_write_tokens: null,
        output_tokens: 4,
        unsplit_input_tokens: 32,
        requests: 3,
        errors: 1,
        throttles: 0,
      },
    ]);
  });

  it('has a null only where no lane of the row tells', () => {
    const [row] = truth(traffic, query);
    expect(row).toMatchObject({ input_tokens: 51, unsplit_input_tokens: 482, throttles: 1 });
  });

  it('puts requests under the tier that served them', () => {
    const rows = truth(traffic, { ...query, groupBy: ['tier'] });
    expect(rows.map(({ tier, output_tokens }) => [tier, output_tokens])).toEqual([
      ['standard', 16],
      ['priority', 3],
    ]);
  });

  it('has rows of zeros for silent buckets, on whole steps of the clock', () => {
    const rows = truth(traffic, {
      ...query,
      from: noon - minuteMs,
      step: '5m',
      groupBy: ['cloud'],
    });
    expect(rows.map(({ time, cloud, requests }) => [time.slice(11, 16), cloud, requests])).toEqual([
      ['11:55', 'aws', 0],
      ['11:55', 'azure', 0],
      ['12:00', 'aws', 7],
      ['12:00', 'azure', 3],
      ['12:05', 'aws', 0],
      ['12:05', 'azure', 0],
    ]);
  });

  it('is half-open and empty for an empty span', () => {
    const [row] = truth(traffic, { ...query, to: noon + minuteMs });
    expect(row?.input_tokens).toBe(50);
    expect(truth(traffic, { ...query, to: noon })).toEqual([]);
  });

  it('names every dimension asked for', () => {
    const [row] = truth(traffic, { ...query, groupBy: truthDimensions });
    expect(row).toMatchObject({
      cloud: 'aws',
      account: '111122223333',
      resource: '',
      region: 'us-east-1',
      model: 'anthropic/claude-sonnet-4-6',
      deployment: '',
      endpoint: 'runtime',
      vendor_model: 'us.anthropic.claude-sonnet-4-6',
      tier: 'standard',
    });
  });
});

describe('the truth of the replay', () => {
  const traffic = createTraffic(scenarioLanes, loadTrace());
  const from = noon;
  const to = noon + 2 * hourMs;
  const summed = (
    groupBy: readonly (typeof truthDimensions)[number][],
    step: '1m' | '5m' | '1h',
  ) => {
    const rows = truth(traffic, { from, to, step, groupBy });
    return Object.fromEntries(
      figureColumns.map((column) => [
        column,
        rows.reduce((sum, row) => sum + (row[column] ?? 0), 0),
      ]),
    );
  };

  it('is the same sum, however it is cut and grouped', () => {
    const [total] = truth(traffic, { from, to, step: 'total', groupBy: [] });
    for (const column of figureColumns) expect(total?.[column]).toBeGreaterThan(0);
    expect(total).toMatchObject(summed(['model', 'tier'], '1m'));
    expect(total).toMatchObject(summed([...truthDimensions], '5m'));
    expect(total).toMatchObject(summed(['account', 'region'], '1h'));
  });

  it('counts every token of the served requests once', () => {
    let tokens = 0;
    for (let minute = from; minute < to; minute += minuteMs) {
      for (const lane of scenarioLanes) {
        for (const r of traffic.requests(lane, minute)) {
          tokens += r.input + r.cacheRead + r.cacheWrite + r.output;
        }
      }
    }
    const sums = summed([], '1h');
    const told = figureColumns.slice(0, 5).reduce((sum, column) => sum + (sums[column] ?? 0), 0);
    expect(told).toBe(tokens);
  });
});
