import { describe, expect, it } from 'vitest';
import type { InventorySpan } from '../../../agent/core/inventory.ts';
import type { FacetKey, TrafficKey } from '../../../agent/core/reading.ts';
import type { Measure } from '../../../agent/core/meter.ts';
import type { LedgerSeries } from '../../../agent/core/usage.ts';
import { createInterpretation, identify } from '../../../agent/normalize/interpret.ts';
import { columnOf, derived, seriesOf, switches, tenMinutes } from './meters.ts';
import type { Told } from './meters.ts';

const noAliases: ReadonlyMap<string, string> = new Map();
const forever = Number.MAX_SAFE_INTEGER;
const noFacet: FacetKey = { tier: '', modelName: '', modelVersion: '' };
const bedrock: TrafficKey = {
  cloud: 'aws',
  account: '111122223333',
  region: 'us-east-1',
  resource: '',
  endpoint: 'runtime',
  vendorModel: 'us.openai.gpt-5.6-sol',
  deployment: '',
};
const azure: TrafficKey = {
  ...bedrock,
  cloud: 'azure',
  endpoint: 'azure',
  resource: 'acc',
  vendorModel: '',
  deployment: 'chat-prod',
};

function deployed(
  model: string,
  sku: string,
  span: { readonly from: number; readonly to?: number; readonly assumed?: boolean },
  tags: Readonly<Record<string, string>> = {},
): InventorySpan {
  return {
    kind: 'deployment',
    name: 'chat-prod',
    attributes: { format: 'OpenAI', model, version: '2025-04-14', sku, capacity: '10' },
    tags,
    from: span.from,
    to: span.to ?? forever,
    assumed: span.assumed ?? false,
  };
}

function profile(name: string, arns: readonly string[], from = 0): InventorySpan {
  return {
    kind: 'inference_profile',
    name: 'abc123',
    attributes: { profile_name: name, model_arns: arns.join(' ') },
    tags: { team: 'search' },
    from,
    to: forever,
    assumed: true,
  };
}

describe('who a traffic is, over time', () => {
  it('is one identity for all time where no inventory knows it', () => {
    expect(identify(noAliases, bedrock, noFacet, [])).toEqual([
      {
        from: 0,
        to: forever,
        assumed: false,
        model: 'openai/gpt-5.6-sol',
        modelVersion: '',
        vendorModel: 'us.openai.gpt-5.6-sol',
        deployment: '',
        routing: 'geo',
        tier: 'unknown',
        family: 'openai',
        confidence: 'parsed',
        tags: {},
      },
    ]);
  });

  it('the earliest known reaches back before the first look, marked assumed', () => {
    const first = deployed(
      'gpt-4.1',
      'Standard',
      { from: 5_000, assumed: true },
      { team: 'search' },
    );
    expect(identify(noAliases, azure, noFacet, [first])).toMatchObject([
      {
        from: 0,
        to: forever,
        assumed: true,
        model: 'openai/gpt-4.1',
        modelVersion: '2025-04-14',
        deployment: 'chat-prod',
        routing: 'in_region',
        confidence: 'inventory',
        tags: { team: 'search' },
      },
    ]);
  });

  it('changes where the next span begins, and the last one lasts though its item is gone', () => {
    const history = [
      deployed('gpt-4.1-mini', 'GlobalStandard', { from: 9_000, to: 12_000 }),
      deployed('gpt-4.1', 'Standard', { from: 5_000, to: 8_000, assumed: true }),
    ];
    const identities = identify(noAliases, azure, noFacet, history);
    expect(
      identities.map(({ from, to, model, routing, assumed }) => [
        from,
        to,
        model,
        routing,
        assumed,
      ]),
    ).toEqual([
      [0, 9_000, 'openai/gpt-4.1', 'in_region', true],
      [9_000, forever, 'openai/gpt-4.1-mini', 'global', false],
    ]);
  });

  it('is the model of the metric where no inventory knows the deployment', () => {
    const facet = { tier: 'priority', modelName: 'gpt-4o', modelVersion: '2024-08-06' } as const;
    expect(identify(noAliases, azure, facet, [])).toMatchObject([
      {
        model: 'openai/gpt-4o',
        modelVersion: '2024-08-06',
        deployment: 'chat-prod',
        routing: 'unknown',
        tier: 'priority',
        tags: {},
      },
    ]);
  });

  it('is what an application profile was made of, under the profile’s name and tags', () => {
    const traffic = { ...bedrock, vendorModel: 'abc123' };
    const arn = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0';
    expect(identify(noAliases, traffic, noFacet, [profile('search-nova', [arn])])).toMatchObject([
      {
        model: 'amazon/nova-pro',
        family: 'amazon-nova',
        vendorModel: 'abc123',
        deployment: 'search-nova',
        routing: 'in_region',
        confidence: 'inventory',
        tags: { team: 'search' },
        assumed: true,
      },
    ]);
  });

  it('is the id itself where the profile names no ARNs', () => {
    const bare: InventorySpan = { ...profile('x', []), attributes: {}, tags: { team: 'a' } };
    expect(identify(noAliases, bedrock, noFacet, [bare])).toMatchObject([
      { model: 'openai/gpt-5.6-sol', deployment: '', tags: { team: 'a' } },
    ]);
  });

  it('is what the user says before all', () => {
    const aliases = new Map([['azure/chat-prod', 'openai/gpt-4.1-nano']]);
    const spans = [deployed('gpt-4.1', 'Standard', { from: 0 })];
    expect(identify(aliases, azure, noFacet, spans)).toMatchObject([
      { model: 'openai/gpt-4.1-nano', confidence: 'alias', family: 'openai' },
    ]);
  });
});

describe('the tier', () => {
  const cases: readonly [string, FacetKey['tier'], string, string][] = [
    [
      'of provisioned capacity is that, whatever the meter says',
      'priority',
      'ProvisionedManaged',
      'provisioned',
    ],
    [
      'of global provisioned capacity as well',
      'standard',
      'GlobalProvisionedManaged',
      'provisioned',
    ],
    [
      'of a batch deployment is batch, though the meter says standard',
      'standard',
      'GlobalBatch',
      'batch',
    ],
    ['of a standard deployment is what the meter says', 'priority', 'GlobalStandard', 'priority'],
    [
      'of a standard deployment whose meter tells none is unknown, not a guess',
      '',
      'Standard',
      'unknown',
    ],
    ['of a SKU we do not know is what the meter says', 'flex', 'Novel', 'flex'],
    ['that the meter says in a word we do not know is unknown', 'unknown', 'Standard', 'unknown'],
  ];
  it.each(cases)('%s', (_what, metered, sku, tier) => {
    const spans = [deployed('gpt-4.1', sku, { from: 0 })];
    const [identity] = identify(noAliases, azure, { ...noFacet, tier: metered }, spans);
    expect(identity?.tier).toBe(tier);
  });

  it('on Bedrock is what the meter says', () => {
    const [identity] = identify(noAliases, bedrock, { ...noFacet, tier: 'flex' }, []);
    expect(identity?.tier).toBe('flex');
  });
});

describe('what a traffic’s meters tell at all', () => {
  const interpretation = createInterpretation(noAliases, switches);
  const cases: readonly [
    string,
    readonly Told['meter'][],
    TrafficKey['endpoint'],
    string,
    readonly string[],
  ][] = [
    [
      'of OpenAI with cache meters: input split, and both',
      ['input', 'output', 'cache_read', 'cache_write'],
      'runtime',
      'openai',
      ['cacheRead', 'cacheWrite', 'input', 'output'],
    ],
    [
      'of OpenAI without: input unsplit',
      ['input', 'output'],
      'azure',
      'openai',
      ['output', 'unsplitInput'],
    ],
    [
      'of Titan without: input',
      ['input', 'output'],
      'runtime',
      'amazon-titan',
      ['input', 'output'],
    ],
    [
      'with the meter of what was written alone: input unsplit beside it',
      ['input', 'cache_write'],
      'runtime',
      'openai',
      ['cacheWrite', 'output', 'unsplitInput'],
    ],
    [
      'of requests: errors with them, and throttles',
      ['accepted'],
      'runtime',
      'openai',
      ['errors', 'requests', 'throttles'],
    ],
    [
      'of requests on Mantle: no throttles, which it does not count',
      ['accepted'],
      'mantle',
      'openai',
      ['errors', 'requests'],
    ],
    [
      'of output alone: which input it would be is told too',
      ['output'],
      'runtime',
      'anthropic',
      ['input', 'output'],
    ],
    ['of no series: nothing', [], 'runtime', 'openai', []],
  ];
  it.each(cases)('%s', (_what, meters, endpoint, family, expected) => {
    const told = interpretation.reports(
      seriesOf(meters.map((meter) => ({ meter }))),
      endpoint,
      family,
    );
    expect([...told].toSorted()).toEqual(expected);
  });

  it('of latency alone: nothing', () => {
    const measure: Measure = { kind: 'latency', phase: 'request' };
    const series = seriesOf([{ meter: 'output' }]).map((one): LedgerSeries => ({
      ...one,
      measure,
    }));
    expect([...interpretation.reports(series, 'runtime', 'openai')]).toEqual([]);
  });

  it('of an input documented to hold cached tokens: unsplit without a cache meter, whatever the family', () => {
    const series = seriesOf([{ meter: 'input', contract: 'input_includes_cached' }]);
    expect([...interpretation.reports(series, 'runtime', 'anthropic')].toSorted()).toEqual([
      'output',
      'unsplitInput',
    ]);
  });
});

describe('an interpretation', () => {
  it('has another identity version with other aliases, and the same whatever their order', () => {
    const version = (...aliases: [string, string][]) =>
      createInterpretation(new Map(aliases), switches).identityVersion;
    const a: [string, string] = ['azure/a', 'openai/gpt-4o'];
    const b: [string, string] = ['azure/b', 'openai/gpt-4.1'];
    expect(version(a, b)).toBe(version(b, a));
    expect(version(a)).not.toBe(version(a, b));
    expect(version(a)).not.toBe(version(['azure/a', 'openai/gpt-4.1']));
  });

  it('has another contract version with either switch turned, and the same identity version', () => {
    const usual = createInterpretation(noAliases, switches);
    const turned = [
      createInterpretation(noAliases, { ...switches, openaiInputIncludesCached: false }),
      createInterpretation(noAliases, { ...switches, bedrockInvocations: 'successful' }),
    ];
    expect(new Set([usual, ...turned].map((one) => one.contractVersion)).size).toBe(3);
    expect(new Set([usual, ...turned].map((one) => one.identityVersion)).size).toBe(1);
  });

  it('identifies and derives by its own aliases and switches', () => {
    const aliases = new Map([['aws/us.openai.gpt-5.6-sol', 'anthropic/claude-opus-4']]);
    const beside = { ...switches, openaiInputIncludesCached: false };
    const interpretation = createInterpretation(aliases, beside);
    expect(interpretation.identify(bedrock, noFacet, [])).toMatchObject([
      { model: 'anthropic/claude-opus-4' },
    ]);
    const told: readonly Told[] = [
      { meter: 'input', values: { 0: 10 } },
      { meter: 'cache_read', values: { 0: 4 } },
    ];
    const rows = interpretation.derive(seriesOf(told), tenMinutes, columnOf(told), () => 'openai');
    expect(rows).toEqual(derived(told, 'openai', beside));
    expect(rows).toMatchObject([{ amounts: { input: 10, cacheRead: 4 } }]);
  });
});
