import type { Metric } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import { startListing, unitKey } from '../../../collectors/aws/listing.ts';
import { account, otherAccount } from './fake-aws.ts';

function metric(
  MetricName: string,
  dimensions: readonly (readonly [string, string])[],
  Namespace = 'AWS/Bedrock',
): Metric {
  return {
    Namespace,
    MetricName,
    Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
  };
}

function owned(namespace: string, ...metrics: readonly Metric[]) {
  const listing = startListing(namespace, account, false);
  listing.add({ Metrics: [...metrics] });
  return listing.owned().get(account) ?? { units: [], unknownSets: [] };
}

const model = ['ModelId', 'us.openai.gpt-6-sol'] as const;
const tiers = [
  ['ServiceTier', 'priority'],
  ['ResolvedServiceTier', 'standard'],
] as const;

describe('a listed series becomes a unit', () => {
  it('of the row with its exact dimension set', () => {
    const { units } = owned(
      'AWS/Bedrock',
      metric('InputTokenCount', [model]),
      metric('InputTokenCount', [model, ...tiers]),
    );
    expect(units).toEqual([
      {
        key: 'InputTokenCount{ModelId="us.openai.gpt-6-sol",ResolvedServiceTier="standard",ServiceTier="priority"}',
        rowId: 'aws.bedrock.input.tier',
        metric: 'InputTokenCount',
        dimensions: {
          ModelId: 'us.openai.gpt-6-sol',
          ResolvedServiceTier: 'standard',
          ServiceTier: 'priority',
        },
      },
      {
        key: 'InputTokenCount{ModelId="us.openai.gpt-6-sol"}',
        rowId: 'aws.bedrock.input',
        metric: 'InputTokenCount',
        dimensions: { ModelId: 'us.openai.gpt-6-sol' },
      },
    ]);
  });

  it('the same one whatever order its dimensions come in', () => {
    const dimensions = fc.shuffledSubarray([model, ...tiers], { minLength: 3, maxLength: 3 });
    const [expected] = owned('AWS/Bedrock', metric('Invocations', [model, ...tiers])).units;
    fc.assert(
      fc.property(dimensions, (shuffled) => {
        expect(owned('AWS/Bedrock', metric('Invocations', shuffled)).units).toEqual([expected]);
      }),
    );
  });

  it('once, however often it is listed', () => {
    const { units } = owned(
      'AWS/Bedrock',
      metric('Invocations', [model]),
      metric('Invocations', [model]),
    );
    expect(units).toHaveLength(1);
  });

  it('in both spellings, where both are listed', () => {
    const { units } = owned(
      'AWS/Bedrock',
      metric('CacheReadInputTokenCount', [model]),
      metric('CacheReadInputTokens', [model]),
    );
    expect(units.map(({ rowId, metric: name }) => [rowId, name])).toEqual([
      ['aws.bedrock.cache_read', 'CacheReadInputTokenCount'],
      ['aws.bedrock.cache_read', 'CacheReadInputTokens'],
    ]);
  });

  it('at one of the four Mantle levels', () => {
    const project = ['Project', 'default'] as const;
    const mantleModel = ['Model', 'openai.gpt-5.5'] as const;
    const levels = [[], [project], [mantleModel], [project, mantleModel]];
    const { units, unknownSets } = owned(
      'AWS/BedrockMantle',
      ...levels.map((level) => metric('Inferences', level, 'AWS/BedrockMantle')),
    );
    expect(units.map(({ key }) => key)).toEqual([
      'Inferences{Model="openai.gpt-5.5",Project="default"}',
    ]);
    expect(unknownSets).toEqual([]);
  });
});

describe('a listed series is left out', () => {
  it.each<[string, Metric]>([
    ['over all models, which its models add up to already', metric('InputTokenCount', [])],
    ['of a meter without a row', metric('LegacyModelInvocations', [model])],
    [
      'of a tier whose latency cannot be put together',
      metric('InvocationLatency', [model, ...tiers]),
    ],
    [
      'of images',
      metric('OutputImageCount', [model, ['ImageSize', '1'], ['BucketedStepSize', '2']]),
    ],
    ['of another namespace', metric('InputTokenCount', [model], 'AWS/Bedrock/Agents')],
  ])('%s', (_what, series) => {
    expect(owned('AWS/Bedrock', series)).toEqual({ units: [], unknownSets: [] });
  });

  it('but counted, where its dimension set is unknown', () => {
    const context = ['ContextWindow', '200K'] as const;
    const { units, unknownSets } = owned(
      'AWS/Bedrock',
      metric('InputTokenCount', [context, model]),
      metric('OutputTokenCount', [model, context]),
      metric('InputTokenCount', [model, ['ServiceTier', 'flex']]),
    );
    expect(units).toEqual([]);
    expect(unknownSets).toEqual(['ContextWindow+ModelId', 'ModelId+ServiceTier']);
  });
});

const linked = (owners: string[] | undefined, ...metrics: readonly Metric[]) => {
  const listing = startListing('AWS/Bedrock', account, true);
  listing.add({ Metrics: [...metrics], OwningAccounts: owners });
  return listing.owned();
};

describe('a listing of linked accounts', () => {
  it('is sorted by owner', () => {
    const byOwner = linked(
      [account, otherAccount],
      metric('Invocations', [model]),
      metric('Invocations', [model]),
    );
    expect([...byOwner.keys()]).toEqual([account, otherAccount]);
  });

  it.each([
    ['no owners', undefined],
    ['fewer owners than metrics', [account]],
  ])('with %s is refused, for the usage would be given to the wrong account', (_what, owners) => {
    expect(() =>
      linked(owners, metric('Invocations', [model]), metric('Invocations', [model])),
    ).toThrow(/monitoring account/);
  });

  it('may be empty', () => {
    expect(linked(undefined).size).toBe(0);
  });
});

describe('a listing is refused', () => {
  it.each<[string, { readonly Metrics?: Metric[] }]>([
    ['with an empty body', {}],
    ['with a metric without a name', { Metrics: [{ Namespace: 'AWS/Bedrock' }] }],
    [
      'with half a dimension',
      {
        Metrics: [
          {
            Namespace: 'AWS/Bedrock',
            MetricName: 'X',
            Dimensions: [{ Name: 'A', Value: undefined }],
          },
        ],
      },
    ],
  ])('%s', (_what, page) => {
    expect(() => startListing('AWS/Bedrock', account, false).add(page)).toThrow(ExternalError);
  });
});

const sorted = (of: Readonly<Record<string, string>>) =>
  JSON.stringify(Object.entries(of).toSorted(([x], [y]) => (x < y ? -1 : 1)));

describe('unitKey', () => {
  const labels = fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,3}$/), fc.string(), {
    maxKeys: 3,
    noNullPrototype: true,
  });

  it('differs for different series', () => {
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        fc.pre(sorted(a) !== sorted(b));
        expect(unitKey('Invocations', a)).not.toBe(unitKey('Invocations', b));
      }),
    );
  });
});
