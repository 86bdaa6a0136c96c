import { afterEach, describe, expect, it } from 'vitest';
import { endOfTime } from '../../../../agent/core/price.ts';
import type { PriceListing } from '../../../../agent/core/price-list.ts';
import { createAzurePriceList } from '../../../../collectors/azure/prices/index.ts';
import { canonicalNames } from '../../../../agent/cli/price-lists.ts';
import { startScriptedServer } from '../../../support/scripted-server.ts';
import type { ScriptedReply, ScriptedServer } from '../../../support/scripted-server.ts';
import { gpt4o, gpt54, pageOf, ptu } from './items.ts';
import type { RetailItem } from './items.ts';

const never = new AbortController().signal;
const now = Date.UTC(2026, 10, 25);
const deps = { clock: { now: () => now }, canonicalOf: canonicalNames.azure_retail_prices };
const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** What is asked for: the service, the region, and how many items to leave out. */
interface Asked {
  readonly service: string;
  readonly region: string;
  readonly skip: number;
  readonly origin: string;
}

type Script = (asked: Asked) => ScriptedReply | undefined;

/** The list as it answers a filter in its exact words, an empty page where the script has nothing. */
async function serve(script: Script): Promise<ScriptedServer> {
  const server: ScriptedServer = await startScriptedServer([
    ({ url }) => {
      const { pathname, searchParams } = new URL(url, server.url);
      if (pathname !== '/api/retail/prices') return undefined;
      if (searchParams.get('api-version') !== '2023-01-01-preview') return undefined;
      if (searchParams.get('currencyCode') !== 'USD') return undefined;
      const [, service = '', region = ''] =
        /^serviceName eq '([^']+)' and armRegionName eq '([^']+)' and priceType eq 'Consumption'$/.exec(
          searchParams.get('$filter') ?? '',
        ) ?? [];
      const skip = Number(searchParams.get('$skip') ?? 0);
      return script({ service, region, skip, origin: server.url }) ?? { body: pageOf([]) };
    },
  ]);
  servers.push(server);
  return server;
}

async function fetchFrom(
  script: Script,
  more: { regions?: readonly string[]; maxBytes?: number; timeoutMs?: number } = {},
): Promise<PriceListing> {
  const { url } = await serve(script);
  return createAzurePriceList({ regions: ['eastus'], endpoint: url, ...more }, deps).fetch(never);
}

const models: (items: readonly unknown[]) => Script =
  (items) =>
  ({ service }) =>
    service === 'Foundry Models' ? { body: pageOf(items) } : undefined;

function item(meterName: string, more: RetailItem = {}): RetailItem {
  return { ...gpt54, meterId: `id of ${meterName}`, meterName, ...more };
}

describe('the Azure Retail Prices', () => {
  it('have a price with everything that is known of it', async () => {
    const listing = await fetchFrom(models([gpt4o]));
    expect(listing).toEqual({
      source: 'azure_retail_prices',
      regions: ['eastus'],
      prices: [
        {
          cloud: 'azure',
          model: 'openai/gpt-4o',
          modelVersion: '2024-11-20',
          account: '',
          region: 'eastus',
          routing: 'global',
          tier: 'standard',
          item: 'input',
          band: 'any',
          thresholdTokens: null,
          cacheTtl: '',
          nanoUsd: 2_500_000_000n,
          from: Date.UTC(2024, 11, 1),
          to: endOfTime,
          source: 'azure_retail_prices',
          sourceVersion: '2023-01-01-preview/2024-12-01',
          reference: '00000000-0000-0000-0000-000000000001',
          fetchedAt: now,
        },
      ],
      skipped: [],
      version: '2023-01-01-preview/2024-12-01',
      fetchedAt: now,
      requests: 2,
    });
  });

  it('are by the thousand or the million as the item says, exactly', async () => {
    const { prices } = await fetchFrom(
      models([gpt4o, gpt54, item('5.4 cd inp Gl 1M Tokens', { retailPrice: 1e-7 })]),
    );
    expect(prices.map(({ item: what, nanoUsd }) => [what, nanoUsd])).toEqual([
      ['input', 2_500_000_000n],
      ['input', 2_500_000_000n],
      ['cache_read', 100n],
    ]);
  });

  it('price capacity by the unit and hour, for every model of its product', async () => {
    const regional = { ...ptu, meterName: 'Provisioned Managed Regional Unit', retailPrice: 2 };
    const { prices } = await fetchFrom(models([ptu, { ...regional, unitOfMeasure: '1 Hour' }]));
    expect(
      prices.map(({ model, item: what, routing, tier, nanoUsd }) => [
        model,
        what,
        routing,
        tier,
        nanoUsd,
      ]),
    ).toEqual([
      ['openai/*', 'unit_hour', 'global', 'provisioned', 1_000_000_000n],
      ['openai/*', 'unit_hour', 'in_region', 'provisioned', 2_000_000_000n],
    ]);
  });

  it('have bands where requests beyond a length cost more', async () => {
    const { prices } = await fetchFrom(
      models([
        item('5.4 inp Gl 1M Tokens'),
        item('5.4 LongCo inp Gl 1M Tokens', { retailPrice: 5 }),
        item('5.6 sol ShortCo Cd Wr Std Gl 1M Tokens', { retailPrice: 5 }),
      ]),
    );
    expect(
      prices.map(({ model, item: what, band, thresholdTokens }) => [
        model,
        what,
        band,
        thresholdTokens,
      ]),
    ).toEqual([
      ['openai/gpt-5.4', 'input', 'short', 272_000],
      ['openai/gpt-5.4', 'input', 'long', 272_000],
      ['openai/gpt-5.6-sol', 'cache_write', 'short', 272_000],
    ]);
  });

  it('keep an announced price beside the one that holds', async () => {
    const announced = { ...gpt54, retailPrice: 2, effectiveStartDate: '2026-12-01T00:00:00Z' };
    const { prices, version } = await fetchFrom(models([gpt54, announced]));
    expect(prices.map(({ from, nanoUsd }) => [from, nanoUsd])).toEqual([
      [Date.UTC(2026, 2, 1), 2_500_000_000n],
      [Date.UTC(2026, 11, 1), 2_000_000_000n],
    ]);
    expect(version).toBe('2023-01-01-preview/2026-12-01');
  });

  it('prefer the primary meter region, and make do without', async () => {
    const other = { ...gpt54, isPrimaryMeterRegion: false, retailPrice: 9 };
    expect((await fetchFrom(models([other, gpt54]))).prices).toMatchObject([
      { nanoUsd: 2_500_000_000n },
    ]);
    expect((await fetchFrom(models([other]))).prices).toMatchObject([{ nanoUsd: 9_000_000_000n }]);
  });

  it.each<readonly [reason: string, item: unknown]>([
    ['volume_tier', item('5.4 opt Gl 1M Tokens', { tierMinimumUnits: 100 })],
    ['not_on_demand', item('5.4 opt Gl 1M Tokens', { type: 'Reservation' })],
    ['not_on_demand', item('5.4 opt Gl 1M Tokens', { type: 'DevTestConsumption' })],
    ['no_amount', item('5.4 opt Gl 1M Tokens', { currencyCode: 'EUR' })],
    ['no_amount', item('5.4 opt Gl 1M Tokens', { retailPrice: -1 })],
    ['no_amount', item('5.4 opt Gl 1M Tokens', { retailPrice: 1e-10 })],
    ['zero', item('5.4 opt Gl 1M Tokens', { retailPrice: 0 })],
    ['unknown_unit', item('5.4 opt Gl Tokens', { unitOfMeasure: '10K' })],
    ['unknown_unit', item('5.4 opt Gl Tokens', { unitOfMeasure: '1' })],
    ['unknown_unit', { ...ptu, unitOfMeasure: '1/Month' }],
    ['unit_disagrees', item('5.4 opt Gl 1M Tokens', { unitOfMeasure: '1K' })],
    ['unknown_name', item('5.4 something Gl 1M Tokens')],
    ['unknown_model', { ...ptu, productName: 'Azure Other Models' }],
    ['not_tokens', item('Code-Interpreter-global Session', { unitOfMeasure: '1' })],
    ['malformed', item('5.4 opt Gl 1M Tokens', { retailPrice: '2.5' })],
    ['malformed', item('5.4 opt Gl 1M Tokens', { effectiveStartDate: 'soon' })],
    ['malformed', item('5.4 opt Gl 1M Tokens', { armRegionName: 'westus' })],
    ['malformed', 'no item'],
  ])('skip an item as %s and keep the others', async (reason, odd) => {
    const { prices, skipped } = await fetchFrom(models([gpt54, odd]));
    expect(skipped).toMatchObject([{ reason }]);
    expect(skipped[0]?.name).toBe(typeof odd === 'string' ? '' : (odd as RetailItem)['meterName']);
    expect(prices).toHaveLength(1);
  });

  it('take neither of two prices for one thing and day', async () => {
    const { prices, skipped } = await fetchFrom(
      models([gpt4o, gpt54, { ...gpt54, retailPrice: 3 }]),
    );
    expect(prices).toHaveLength(1);
    expect(skipped.map(({ reason }) => reason)).toEqual(['conflict', 'conflict']);
  });
});

describe('pages and regions', () => {
  it('are read to the end, older meters too', async () => {
    const { prices, requests } = await fetchFrom(({ service, skip, origin }) => {
      if (service === 'Cognitive Services') return { body: pageOf([gpt4o]) };
      const query = `api-version=2023-01-01-preview&currencyCode=USD&$filter=serviceName eq 'Foundry Models' and armRegionName eq 'eastus' and priceType eq 'Consumption'`;
      if (skip > 0) return { body: pageOf([item('5.4 opt Gl 1M Tokens')], '') };
      return { body: pageOf([gpt54], `${origin}/api/retail/prices?${query}&$skip=1`) };
    });
    expect([prices.length, requests]).toEqual([3, 3]);
  });

  it('are asked one by one, each once; one without prices stops no other', async () => {
    const listing = await fetchFrom(
      ({ region }) => (region === 'eastus' ? { body: pageOf([gpt54]) } : undefined),
      { regions: ['eastus', 'italynorth', 'eastus'] },
    );
    expect([listing.prices.length, listing.requests]).toEqual([1, 4]);
    expect(listing.skipped).toEqual([
      { reference: 'italynorth', name: 'Foundry Models, Cognitive Services', reason: 'no_list' },
    ]);
  });

  it('fail where every one is empty: the filter no longer fits', async () => {
    await expect(fetchFrom(() => undefined)).rejects.toMatchObject({
      reason: 'bad_response',
      message: expect.stringContaining('not one price of a model'),
    });
  });

  it('are not asked for where there is none', async () => {
    expect(await fetchFrom(() => undefined, { regions: [] })).toMatchObject({
      prices: [],
      requests: 0,
    });
  });

  it.each<readonly [string, (asked: Asked) => string, RegExp]>([
    ['at another host', () => 'http://127.0.0.2:1/api/retail/prices?$skip=1', /another address/],
    ['no address', () => 'next', /another address/],
    [
      'itself',
      ({ origin }) =>
        `${origin}/api/retail/prices?api-version=2023-01-01-preview&currencyCode=USD&$skip=1`,
      /never end/,
    ],
  ])('fail where the next page is %s', async (_, next, message) => {
    const endless: Script = (asked) => ({ body: pageOf([gpt54], next(asked)) });
    await expect(fetchFrom(endless)).rejects.toThrow(message);
  });
});

describe('an answer that is no list', () => {
  const waits = (text: string) => ({
    status: 429,
    headers: { 'x-ms-ratelimit-retailprices-retry-after': text, 'retry-after': '1' },
  });

  it.each<readonly [string, ScriptedReply, object]>([
    ['cut', { body: pageOf([gpt54]).slice(0, -9) }, { reason: 'bad_response' }],
    ['a page of a proxy', { body: '<html></html>' }, { reason: 'bad_response' }],
    ['another document', { body: '{"value":[]}' }, { reason: 'bad_response' }],
    ['of a wrong type', { body: '{"Items":{},"NextPageLink":null}' }, { reason: 'bad_response' }],
    ['a refusal', { status: 400, body: '{"Error":"invalid filter"}' }, { reason: 'bad_response' }],
    ['not there', { status: 404 }, { reason: 'bad_response' }],
    [
      'a fault',
      { status: 503, headers: { 'retry-after': '4' } },
      { reason: 'unreachable', retryAfterMs: 4_000 },
    ],
    ['throttled', waits('60'), { reason: 'throttled', retryAfterMs: 60_000 }],
    ['throttled for days', waits('999999'), { reason: 'throttled', retryAfterMs: 3_600_000 }],
    ['throttled in other words', waits('soon'), { reason: 'throttled', retryAfterMs: 1_000 }],
    ['a closed connection', 'reset', { reason: 'unreachable' }],
  ])('fails whole: %s', async (_, reply, expected) => {
    const listing = fetchFrom(({ service }) =>
      service === 'Foundry Models' ? { body: pageOf([gpt54]) } : reply,
    );
    await expect(listing).rejects.toMatchObject({
      name: 'ExternalError',
      operation: expect.stringContaining("serviceName eq 'Cognitive Services'"),
      ...expected,
    });
  });

  it('fails when it is longer than a page ever is', async () => {
    const long = fetchFrom(models([gpt54]), { maxBytes: 100 });
    await expect(long).rejects.toMatchObject({
      message: expect.stringContaining('more than 100 bytes'),
    });
  });

  it('fails in time when nothing comes', async () => {
    await expect(fetchFrom(() => 'hang', { timeoutMs: 30 })).rejects.toMatchObject({
      reason: 'timeout',
    });
  });

  it.each([
    [{ endpoint: 'http://prices.example.com', regions: [] }, /no https address/],
    [{ regions: ["east' or 1 eq 1"] }, /no Azure region/],
    [{ regions: ['East US'] }, /no Azure region/],
  ])('is not asked for with %j', (config, message) => {
    expect(() => createAzurePriceList(config, deps)).toThrow(message);
  });
});
