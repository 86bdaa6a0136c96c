import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Price } from '../../../agent/core/price.ts';
import { createAwsPriceList } from '../../../collectors/aws/prices/index.ts';
import { createAzurePriceList } from '../../../collectors/azure/prices/index.ts';
import { awsLanes } from '../../../collectors/emulator/lanes-aws.ts';
import { azureLanes } from '../../../collectors/emulator/lanes-azure.ts';
import { startClouds } from '../../../collectors/emulator/server.ts';
import type { Clouds } from '../../../collectors/emulator/server.ts';
import { canonicalNames } from '../../../agent/cli/price-lists.ts';

const never = new AbortController().signal;
const now = Date.UTC(2026, 10, 25);
const clock = { now: () => now };
const regionsOf = (lanes: readonly { readonly region: string }[]) => [
  ...new Set(lanes.map(({ region }) => region)),
];

function priced(prices: readonly Price[], region: string, model: string): readonly string[] {
  const found = prices.filter((price) => price.region === region && price.model === model);
  return [...new Set(found.map(({ item }) => item))].toSorted();
}

describe('the built-in clouds', () => {
  let clouds: Clouds;
  beforeAll(async () => {
    clouds = await startClouds({ now: () => now });
  });
  afterAll(() => clouds.close());

  it('price every model that runs on AWS, where it runs, in both services', async () => {
    const config = { regions: regionsOf(awsLanes), endpoint: clouds.awsUrl };
    const list = createAwsPriceList(config, { clock, canonicalOf: canonicalNames.aws_price_list });
    const { prices, skipped } = await list.fetch(never);
    for (const { region, model } of awsLanes) {
      expect([model, priced(prices, region, model)]).toEqual([
        model,
        expect.arrayContaining(['input', 'output']),
      ]);
    }
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(
      new Set(['unmetered_tier', 'not_tokens', 'no_list']),
    );
  });

  it('price every model of OpenAI that runs on Azure, page after page', async () => {
    const config = { regions: regionsOf(azureLanes), endpoint: clouds.azureUrl };
    const list = createAzurePriceList(config, {
      clock,
      canonicalOf: canonicalNames.azure_retail_prices,
    });
    const { prices, skipped, requests } = await list.fetch(never);
    for (const { region, model } of azureLanes.filter(({ format }) => format === 'OpenAI')) {
      expect([model, priced(prices, region, model)]).toEqual([
        model,
        expect.arrayContaining(['cache_read', 'input', 'output']),
      ]);
    }
    expect(priced(prices, 'eastus', 'openai/*')).toEqual(['unit_hour']);
    expect(new Set(skipped.map(({ reason }) => reason))).toEqual(
      new Set(['not_tokens', 'not_on_demand']),
    );
    expect(requests).toBeGreaterThan(2 * config.regions.length);
  });
});
