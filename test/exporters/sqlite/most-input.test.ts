import { expect, it } from 'vitest';
import type { TokenMeter } from '../../../agent/core/meter.ts';
import { mostInput } from '../../../exporters/sqlite/most-input.ts';
import type { Largest } from '../../../exporters/sqlite/most-input.ts';
import type { KnownSeries } from '../../../exporters/sqlite/registry.ts';

const meters = ['input', 'cache_read', 'cache_write', 'output'] as const;

function series(id: number, meter: TokenMeter): KnownSeries {
  return {
    id,
    trafficId: 1,
    unitId: 1,
    key: {
      cloud: 'aws',
      account: '111122223333',
      region: 'us-east-1',
      resource: '',
      namespace: 'AWS/Bedrock',
      metric: meter,
      dimensions: {},
    },
    traffic: {
      cloud: 'aws',
      account: '111122223333',
      region: 'us-east-1',
      resource: '',
      endpoint: 'runtime',
      vendorModel: 'us.openai.gpt-5.6-sol',
      deployment: '',
    },
    facet: { tier: '', modelName: '', modelVersion: '' },
    measure: { kind: 'tokens', meter },
    contract: 'plain',
    level: 'total',
    rank: 0,
    settleSeconds: 600,
  };
}

it.each<[string, Partial<Record<TokenMeter, Largest>>, number | null]>([
  ['nothing said tells nothing', {}, null],
  ['the largest of the input meter', { input: { sum: 900, max: 400 } }, 400],
  [
    'and of the caches beside it together, for one request may have had both',
    { input: { sum: 900, max: 400 }, cache_read: { sum: 50, max: 30 } },
    430,
  ],
  ['caches alone do not tell how large a request was', { cache_read: { sum: 50, max: 30 } }, null],
  ['output is no input', { output: { sum: 50, max: 30 } }, null],
  [
    'a meter that does not tell its largest tells nothing',
    { input: { sum: 900, max: null } },
    null,
  ],
  [
    'one that said zero holds nothing back',
    { input: { sum: 900, max: 400 }, cache_read: { sum: 0, max: null } },
    400,
  ],
])('%s', (_, said, most) => {
  const all = meters.map((meter, index) => series(index, meter));
  expect(mostInput(all, (id) => said[meters[id] ?? 'input'])).toBe(most);
});
