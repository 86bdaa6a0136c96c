import { describe, expect, it } from 'vitest';
import { isoUtc } from '../../../agent/core/time.ts';
import { apiNow, apiWorld, rowsIn } from '../../support/api-world.ts';

async function rowsOf(path: string) {
  const response = await apiWorld().api.request(path);
  expect(response.status).toBe(200);
  return rowsIn(response);
}

describe('GET /api/v1/usage', () => {
  it('answers the last 24 hours by the hour when nothing is asked', async () => {
    const response = await apiWorld().api.request('/api/v1/usage');
    const rows = await rowsIn(response);
    expect(rows).toHaveLength(24);
    expect(rows[0]?.['time']).toBe(isoUtc(apiNow - 86_400_000));
    expect(rows.at(-1)).toEqual({
      time: isoUtc(apiNow - 3_600_000),
      input_tokens: 300,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      output_tokens: 30,
      unsplit_input_tokens: 0,
      requests: 3,
      errors: 0,
      throttles: 0,
      cost_usd: null,
      cost_low_usd: null,
      cost_high_usd: null,
      cost_method: null,
      unpriced_tokens: 330,
      settled: 1,
    });
    expect(response.headers.get('Crossbill-Step')).toBe('1h');
    expect(response.headers.get('Cache-Control')).toBe('private, no-cache');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(response.headers.get('Crossbill-Demo')).toBeNull();
    expect(response.headers.get('Content-Type')).toMatch(/^application\/json/);
  });

  it('groups by dimensions and tags', async () => {
    const rows = await rowsOf('/api/v1/usage?step=total&group_by=cloud,team,tag.cost center');
    expect(rows.map((row) => [row['cloud'], row['team'], row['tag_cost center']])).toEqual([
      ['aws', 'search', '42'],
      ['azure', 'support', ''],
    ]);
  });

  it.each([
    ['one of them', 'columns=output_tokens', ['time', 'cloud', 'output_tokens']],
    [
      'several, in the order of a row',
      'columns=settled, cost_usd ,output_tokens',
      ['time', 'cloud', 'output_tokens', 'cost_usd', 'settled'],
    ],
  ])('answers the columns that are asked for: %s', async (_name, columns, names) => {
    const path = `/api/v1/usage?step=total&group_by=cloud&${columns}`;
    const [whole] = await rowsOf('/api/v1/usage?step=total&group_by=cloud');
    const [row] = await rowsOf(path);
    expect(Object.keys(row ?? {})).toEqual(names);
    expect(whole).toMatchObject(row ?? {});
  });

  it('answers every column where none is named, and names the nearest to one that is not there', async () => {
    const rows = await rowsOf('/api/v1/usage?step=total&group_by=cloud');
    expect(await rowsOf('/api/v1/usage?step=total&group_by=cloud&columns=')).toEqual(rows);
    const response = await apiWorld().api.request('/api/v1/usage?columns=output_token');
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('output_tokens');
  });

  it.each([
    ['no filter', '', 330],
    ['an empty filter, as an unset dashboard variable is', 'model=', 330],
    ['a value', 'cloud=azure', 220],
    ['a value in any case', 'cloud=AZURE', 220],
    ['a list', 'cloud=aws,azure', 330],
    ['a parameter given twice', 'cloud=aws&cloud=azure', 330],
    ['a start of a value', 'model=openai/*', 220],
    ['everything', 'deployment=*', 330],
    ['two dimensions', 'cloud=aws&region=eastus', null],
    ['a team', 'team=search', 110],
    ['a provider', 'provider=aws.*', 110],
    ['a tag with a point', 'tag.team=support', 220],
    ['a tag with a line', 'tag_team=support', 220],
    ['a tag both ways', 'tag_team=support&tag.team=search', 330],
    ['a tag with a space', 'tag_cost+center=4*', 110],
  ])('filters by %s', async (_name, filter, tokens) => {
    const [row] = await rowsOf(`/api/v1/usage?step=total&${filter}`);
    expect(row?.['unpriced_tokens']).toBe(tokens);
  });

  it.each([
    ['ISO 8601', isoUtc(apiNow - 3_600_000), isoUtc(apiNow)],
    ['epoch milliseconds', String(apiNow - 3_600_000), String(apiNow)],
    ['both', String(apiNow - 3_600_000), '2026-11-23T13:00:00%2B01:00'],
  ])('takes times as %s', async (_name, from, to) => {
    const rows = await rowsOf(`/api/v1/usage?from=${from}&to=${to}`);
    expect(rows.map((row) => row['time'])).toEqual([isoUtc(apiNow - 3_600_000)]);
  });

  it.each([
    ['2m', '5m'],
    ['30s', '1m'],
    ['90000', '5m'],
    ['2h', '1d'],
    ['30d', '1d'],
    ['total', 'total'],
  ])('takes a step of %s as %s and says so', async (asked, used) => {
    const response = await apiWorld().api.request(`/api/v1/usage?step=${asked}`);
    expect(response.headers.get('Crossbill-Step')).toBe(used);
  });

  it('says DEMO in a header when the data is a replay', async () => {
    const response = await apiWorld({ demo: true }).api.request('/api/v1/usage');
    expect(response.headers.get('Crossbill-Demo')).toBe('true');
  });

  it('refuses too many rows with what to do', async () => {
    const response = await apiWorld().api.request(
      '/api/v1/usage?from=2026-10-01&to=2026-11-01&step=1m',
    );
    expect(response.status).toBe(422);
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      type: 'urn:crossbill:problem:too-many-rows',
      status: 422,
      detail: expect.stringContaining('44,640 rows'),
    });
  });
});

describe('GET /api/v1/latency', () => {
  it('answers rows by phase', async () => {
    const rows = await rowsOf('/api/v1/latency?step=total&group_by=model');
    expect(rows).toEqual([
      {
        time: isoUtc(apiNow - 86_400_000),
        model: 'anthropic/claude-sonnet-4.6',
        phase: 'request',
        count: 1,
        avg_ms: 200,
        min_ms: 200,
        max_ms: 200,
        p90_ms: 200,
      },
    ]);
  });

  it('filters like usage', async () => {
    expect(await rowsOf('/api/v1/latency?cloud=azure')).toEqual([]);
  });

  it('names its step', async () => {
    const response = await apiWorld().api.request('/api/v1/latency?step=3m');
    expect(response.headers.get('Crossbill-Step')).toBe('5m');
  });
});
