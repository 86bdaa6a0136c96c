import { expect, it } from 'vitest';
import { apiWorld } from '../../support/api-world.ts';

it('is alive', async () => {
  const response = await apiWorld().api.request('/healthz');
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

it('is ready when it waits for nothing', async () => {
  const response = await apiWorld().api.request('/readyz');
  expect([response.status, await response.json()]).toEqual([200, []]);
});

it('says what it waits for', async () => {
  const waits = ['prod-aws', 'prod-azure'];
  const response = await apiWorld({ waitingFor: () => waits }).api.request('/readyz');
  expect([response.status, await response.json()]).toEqual([503, waits]);
});
