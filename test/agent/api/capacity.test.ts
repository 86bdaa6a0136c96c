import { describe, expect, it } from 'vitest';
import { isoUtc } from '../../../agent/core/time.ts';
import { apiNow, apiWorld, rowsIn, withCapacity } from '../../support/api-world.ts';

async function rowsOf(query: string) {
  const { api } = apiWorld({ ledger: withCapacity });
  const response = await api.request(`/api/v1/capacity${query}`);
  expect(response.status).toBe(200);
  return rowsIn(response);
}

const deployment = {
  time: isoUtc(apiNow - 3_600_000),
  cloud: 'azure',
  account: '00000000-0000-0000-0000-000000000001',
  region: 'eastus',
  resource: 'aoai-east',
  deployment: 'reserved',
  model: 'openai/gpt-4o',
  sku: 'GlobalProvisionedManaged',
  units: 10,
  unit_hours: 10,
  utilization: 0.25,
  settled: 1,
};

describe('GET /api/v1/capacity', () => {
  it('answers what was used and what stood idle, each in a line', async () => {
    expect(await rowsOf('')).toEqual([
      {
        ...deployment,
        line: 'used',
        cost_usd: 2.5,
        cost_low_usd: 2.5,
        cost_high_usd: 2.5,
        tokens: 500_000,
        effective_usd_per_million: 20,
      },
      {
        ...deployment,
        line: 'idle',
        cost_usd: 7.5,
        cost_low_usd: 7.5,
        cost_high_usd: 7.5,
        tokens: 0,
        effective_usd_per_million: null,
      },
    ]);
  });

  it('adds up to what usage says of the deployment', async () => {
    const { api } = apiWorld({ ledger: withCapacity });
    const asked = '?step=total&deployment=reserved&group_by=deployment';
    const [usage] = await rowsIn(await api.request(`/api/v1/usage${asked}`));
    expect(usage).toMatchObject({
      cost_usd: 10,
      cost_method: 'provisioned',
      unpriced_tokens: 0,
    });
    const all = await rowsIn(await api.request('/api/v1/usage?step=total'));
    expect(all[0]).toMatchObject({ cost_usd: 10, cost_method: 'provisioned' });
  });

  it.each([
    ['1m', '1h', isoUtc(apiNow - 3_600_000)],
    ['1d', '1d', isoUtc(Math.floor((apiNow - 3_600_000) / 86_400_000) * 86_400_000)],
    ['total', 'total', isoUtc(apiNow - 86_400_000)],
  ])('takes step %s as %s', async (step, used, time) => {
    const { api } = apiWorld({ ledger: withCapacity });
    const response = await api.request(`/api/v1/capacity?step=${step}`);
    expect(response.headers.get('Crossbill-Step')).toBe(used);
    expect((await rowsIn(response)).map((row) => row['time'])).toEqual([time, time]);
  });

  it.each([
    ['its team', '?team=platform', 2],
    ['another team', '?team=search', 0],
    ['a tier that it is not of', '?tier=standard', 0],
    ['another cloud', '?cloud=aws', 0],
    ['a time before it', `?from=${apiNow - 86_400_000}&to=${apiNow - 3_600_000}`, 0],
  ])('filters by %s', async (_, query, count) => {
    expect(await rowsOf(query)).toHaveLength(count);
  });

  it('has no rows where nothing is provisioned', async () => {
    const response = await apiWorld().api.request('/api/v1/capacity');
    expect(await rowsIn(response)).toEqual([]);
  });
});
