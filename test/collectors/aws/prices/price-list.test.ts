import { afterEach, describe, expect, it } from 'vitest';
import { endOfTime } from '../../../../agent/core/price.ts';
import type { PriceListing } from '../../../../agent/core/price-list.ts';
import { createAwsPriceList } from '../../../../collectors/aws/prices/index.ts';
import { canonicalNames } from '../../../../agent/cli/price-lists.ts';
import { startScriptedServer } from '../../../support/scripted-server.ts';
import type { ScriptedReply, ScriptedServer } from '../../../support/scripted-server.ts';
import { claude2, edition, offerFile } from './offers.ts';
import type { OfferedRow } from './offers.ts';

const never = new AbortController().signal;
const now = Date.UTC(2026, 10, 25);
const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Files = Readonly<Record<string, ScriptedReply>>;

/** The bulk files by `<service>/<region>`, and object storage's 404 for the rest. */
async function serve(files: Files): Promise<ScriptedServer> {
  const server = await startScriptedServer([
    ({ url }) => {
      const [, code, region] =
        /^\/offers\/v1\.0\/aws\/(\w+)\/current\/([\w-]+)\/index\.json$/.exec(url) ?? [];
      return files[`${code}/${region}`] ?? { status: 404, body: '<Error/>' };
    },
  ]);
  servers.push(server);
  return server;
}

async function fetchFrom(
  files: Files,
  more: { regions?: readonly string[]; maxBytes?: number; timeoutMs?: number } = {},
): Promise<PriceListing> {
  const { url } = await serve(files);
  const config = { regions: ['us-east-1'], endpoint: url, ...more };
  const deps = { clock: { now: () => now }, canonicalOf: canonicalNames.aws_price_list };
  return createAwsPriceList(config, deps).fetch(never);
}

const bedrock = 'AmazonBedrock/us-east-1';
const models = 'AmazonBedrockFoundationModels/us-east-1';

async function listing(rows: readonly OfferedRow[]): Promise<PriceListing> {
  return fetchFrom({ [bedrock]: { body: offerFile([claude2, ...rows]) } });
}

describe('the AWS Price List', () => {
  it('has a price with everything that is known of it', async () => {
    const { prices, version, fetchedAt, requests } = await listing([]);
    expect(prices).toEqual(
      ['in_region', 'geo'].map((routing) => ({
        cloud: 'aws',
        model: 'anthropic/claude-2',
        modelVersion: '',
        account: '',
        region: 'us-east-1',
        routing,
        tier: 'standard',
        item: 'input',
        band: 'any',
        thresholdTokens: null,
        cacheTtl: '',
        nanoUsd: 8_000_000_000n,
        from: Date.UTC(2025, 5, 1),
        to: endOfTime,
        source: 'aws_price_list',
        sourceVersion: 'AmazonBedrock/20250618225550',
        reference: 'SKU0.T.D',
        fetchedAt: now,
      })),
    );
    expect([version, fetchedAt, requests]).toEqual(['20250618225550', now, 3]);
  });

  it('reads each service in its own unit', async () => {
    const { prices } = await fetchFrom({
      [bedrock]: { body: offerFile([claude2]) },
      [models]: {
        body: offerFile([
          edition('Claude Sonnet 4.6', 'USE1-MP:USE1_InputTokenCount_Global-Units', '3.0'),
          edition('OpenAI GPT-5.6 Sol', 'USE1-MP:USE1_output_tokens_standard-Units', '22'),
        ]),
      },
    });
    expect(
      prices.map(({ model, routing, item, nanoUsd }) => [model, routing, item, nanoUsd]),
    ).toEqual([
      ['anthropic/claude-2', 'in_region', 'input', 8_000_000_000n],
      ['anthropic/claude-2', 'geo', 'input', 8_000_000_000n],
      ['anthropic/claude-sonnet-4-6', 'global', 'input', 3_000_000_000n],
      ['openai/gpt-5.6-sol', 'in_region', 'output', 22_000_000_000n],
      ['openai/gpt-5.6-sol', 'geo', 'output', 22_000_000_000n],
    ]);
  });

  it('tells a cache write of an hour from the plain one, which is of five minutes then', async () => {
    const write = (usage: string, usd: string) => edition('Claude Sonnet 4.6', usage, usd);
    const { prices } = await fetchFrom({
      [models]: {
        body: offerFile([
          write('USE1-MP:USE1_CacheWriteInputTokenCount_Global-Units', '3.75'),
          write('USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units', '6'),
        ]),
      },
    });
    expect(prices.map(({ item, cacheTtl, nanoUsd }) => [item, cacheTtl, nanoUsd])).toEqual([
      ['cache_write', '5m', 3_750_000_000n],
      ['cache_write', '1h', 6_000_000_000n],
    ]);
  });

  it('has bands where requests beyond a length cost more', async () => {
    const input = (words: string, usd: string): OfferedRow => ({
      usagetype: `USE1-openai.gpt-5.6-sol-mantle-${words}`,
      usd,
    });
    const { prices } = await listing([
      input('input-tokens-global-standard', '0.004'),
      input('input-tokens-long-ctx-global-standard', '0.008'),
      input('cache-read-tokens-global-standard', '0.0004'),
    ]);
    expect(
      prices
        .filter(({ model }) => model === 'openai/gpt-5.6-sol')
        .map(({ item, band, thresholdTokens, nanoUsd }) => [item, band, thresholdTokens, nanoUsd]),
    ).toEqual([
      ['input', 'short', 272_000, 4_000_000_000n],
      ['input', 'long', 272_000, 8_000_000_000n],
      ['cache_read', 'any', null, 400_000_000n],
    ]);
  });

  it('learns a name from a row that has the id beside it', async () => {
    const attributes = { model: 'Kimi K3' };
    const { prices } = await listing([
      { usagetype: 'USE1-moonshotai.kimi-k3-mantle-input-tokens-standard', usd: '1', attributes },
      { usagetype: 'USE1-KimiK3-output-tokens-flex', usd: '2', attributes },
    ]);
    expect(prices.filter(({ tier }) => tier === 'flex').map(({ model }) => model)).toEqual([
      'moonshotai/kimi-k3',
      'moonshotai/kimi-k3',
    ]);
  });

  it.each<readonly [reason: string, row: OfferedRow]>([
    ['unknown_unit', { usagetype: 'USE1-NovaPro-input-tokens', usd: '1', unit: '1K things' }],
    [
      'unit_disagrees',
      { usagetype: 'USE1-NovaPro-input-tokens', usd: '1', description: '$1 per 1M tokens' },
    ],
    ['unknown_name', { usagetype: 'USE1-NovaPro-input-tokens-warp', usd: '1' }],
    ['unknown_model', { usagetype: 'USE1-Novissima-input-tokens', usd: '1' }],
    ['unmetered_tier', { usagetype: 'USE1-NovaPro-input-tokens-latency-optimized', usd: '1' }],
    ['unknown_threshold', { usagetype: 'USE1-NovaPro-input-tokens-long-ctx', usd: '1' }],
    [
      'not_tokens',
      { usagetype: 'USE1-NovaCanvas-T2I-1024-Standard-image', usd: '1', unit: 'image' },
    ],
    ['zero', { usagetype: 'USE1-NovaPro-input-tokens', usd: '0.0000000000' }],
    ['no_amount', { usagetype: 'USE1-NovaPro-input-tokens' }],
    ['no_amount', { usagetype: 'USE1-NovaPro-input-tokens', usd: 0.0008 }],
    ['volume_tier', { usagetype: 'USE1-NovaPro-input-tokens', usd: '1', beginRange: '1000' }],
    [
      'not_on_demand',
      {
        usagetype: 'USE1-NovaPro-input-tokens',
        usd: '1',
        attributes: { feature: 'Model Customization' },
      },
    ],
    ['malformed', { usagetype: 'USE1-NovaPro-input-tokens', usd: '1', effectiveDate: 'soon' }],
    ['malformed', { usagetype: 'USE1-NovaPro-input-tokens', usd: '1', attributes: { model: 7 } }],
    [
      'malformed',
      { usagetype: 'EU-NovaPro-input-tokens', usd: '1', attributes: { regionCode: 'eu-west-1' } },
    ],
  ])('skips a row as %s and keeps the others', async (reason, row) => {
    const { prices, skipped } = await listing([row]);
    expect(skipped.filter((skip) => skip.reason !== 'no_list')).toEqual([
      { reference: expect.stringMatching(/^SKU1/), name: expect.any(String), reason },
    ]);
    expect(prices).toHaveLength(2);
  });

  it('takes neither of two prices for one thing, and one of two that agree', async () => {
    const nova = (usd: string): OfferedRow => ({ usagetype: 'USE1-NovaPro-input-tokens', usd });
    const alike = await listing([nova('0.0008'), nova('0.00080')]);
    expect(alike.prices.filter(({ model }) => model === 'amazon/nova-pro')).toHaveLength(2);
    const apart = await listing([nova('0.0008'), nova('0.0009')]);
    expect(apart.prices.filter(({ model }) => model === 'amazon/nova-pro')).toEqual([]);
    expect(apart.skipped.filter(({ reason }) => reason === 'conflict')).toHaveLength(4);
  });
});

describe('a region without a list', () => {
  it('has no prices and stops no other', async () => {
    const files = { [bedrock]: { body: offerFile([claude2]) } };
    const { prices, regions, skipped, requests } = await fetchFrom(files, {
      regions: ['us-east-1', 'me-south-1', 'us-east-1'],
    });
    expect([prices.length, regions, requests]).toEqual([2, ['us-east-1', 'me-south-1'], 6]);
    expect(skipped.map(({ reference, reason }) => [reference, reason])).toEqual([
      ['AmazonBedrockFoundationModels/us-east-1', 'no_list'],
      ['AmazonBedrockService/us-east-1', 'no_list'],
      ['AmazonBedrock/me-south-1', 'no_list'],
      ['AmazonBedrockFoundationModels/me-south-1', 'no_list'],
      ['AmazonBedrockService/me-south-1', 'no_list'],
    ]);
  });

  it('may be told by a 403 in the words of object storage', async () => {
    const gone = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
    const listed = await fetchFrom({ [bedrock]: { body: offerFile([claude2]) }, [models]: gone });
    expect(listed.prices).toHaveLength(2);
  });

  it('fails where it is every one: the address is wrong', async () => {
    await expect(fetchFrom({})).rejects.toMatchObject({
      reason: 'bad_response',
      message: expect.stringContaining('not one price of a model'),
    });
  });

  it('is not asked for where no region is', async () => {
    const listed = await fetchFrom({}, { regions: [] });
    expect([listed.prices, listed.requests, listed.version]).toEqual([[], 0, '']);
  });
});

describe('an answer that is no list', () => {
  const whole = offerFile([claude2]);

  it.each<readonly [string, ScriptedReply, object]>([
    ['cut', { body: whole.slice(0, -20) }, { reason: 'bad_response' }],
    ['empty', { body: '' }, { reason: 'bad_response' }],
    ['another document', { body: '{"regions":{}}' }, { reason: 'bad_response' }],
    [
      'of a wrong type',
      { body: '{"version":1,"products":[],"terms":{}}' },
      { reason: 'bad_response' },
    ],
    [
      'a redirect',
      { status: 302, headers: { location: '/elsewhere' } },
      { reason: 'bad_response' },
    ],
    ['a refusal of a proxy', { status: 403, body: 'Blocked by policy' }, { reason: 'denied' }],
    ['a fault', { status: 500 }, { reason: 'unreachable', retryAfterMs: undefined }],
    [
      'throttled',
      { status: 429, headers: { 'retry-after': '7' } },
      { reason: 'throttled', retryAfterMs: 7_000 },
    ],
    [
      'throttled for days',
      { status: 429, headers: { 'retry-after': '999999' } },
      { reason: 'throttled', retryAfterMs: 3_600_000 },
    ],
    [
      'throttled until',
      { status: 503, headers: { 'retry-after': 'Wed, 25 Nov 2026 00:00:30 GMT' } },
      { reason: 'unreachable', retryAfterMs: 30_000 },
    ],
    ['a closed connection', 'reset', { reason: 'unreachable' }],
  ])('fails whole: %s', async (_, reply, expected) => {
    const files = { [bedrock]: { body: whole }, [models]: reply };
    await expect(fetchFrom(files)).rejects.toMatchObject({
      name: 'ExternalError',
      operation: 'pricing:GET AmazonBedrockFoundationModels of us-east-1',
      ...expected,
    });
  });

  it('fails when it is longer than a list ever is', async () => {
    const long = fetchFrom({ [bedrock]: { body: whole } }, { maxBytes: 100 });
    await expect(long).rejects.toMatchObject({
      message: expect.stringContaining('more than 100 bytes'),
    });
  });

  it('fails in time when nothing comes', async () => {
    const hanging = fetchFrom({ [bedrock]: 'hang' }, { timeoutMs: 30 });
    await expect(hanging).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('ends when the caller stops', async () => {
    const { url, requests } = await serve({ [bedrock]: 'hang' });
    const stop = new AbortController();
    const list = createAwsPriceList(
      { regions: ['us-east-1'], endpoint: url },
      { clock: { now: () => now }, canonicalOf: canonicalNames.aws_price_list },
    );
    const stopped = list.fetch(stop.signal);
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ reason: 'timeout' });
    expect(requests.length).toBeLessThan(2);
  });

  it.each(['http://prices.example.com', 'ftp://127.0.0.1', 'nonsense'])(
    'is not asked of %s',
    (endpoint) => {
      const deps = { clock: { now: () => now }, canonicalOf: canonicalNames.aws_price_list };
      expect(() => createAwsPriceList({ regions: [], endpoint }, deps)).toThrow(/no https address/);
    },
  );
});
