import { describe, expect, it } from 'vitest';
import type { Target } from '../../../agent/core/collector.ts';
import type { CatalogRow, Measure } from '../../../agent/core/meter.ts';
import { factsOf, tierWord } from '../../../agent/normalize/facts.ts';
import { rows, targetOf } from '../../support/ledger-world.ts';

const azureNamespace = 'Microsoft.CognitiveServices/accounts';
const aws = targetOf([]);
const azure: Target = {
  ...aws,
  cloud: 'azure',
  account: 'sub',
  region: 'swedencentral',
  resource: 'acc',
};
const tokens: Measure = { kind: 'tokens', meter: 'input' };

function row(namespace: string, measure: Measure = tokens): CatalogRow {
  return { ...(rows[0] as CatalogRow), namespace, measure };
}

describe('what a Bedrock series says', () => {
  it('is the model’s id as the traffic, and no tier where the meter tells none', () => {
    expect(factsOf(aws, row('AWS/Bedrock'), { ModelId: 'us.openai.gpt-5.6-sol' })).toEqual({
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
      measure: tokens,
    });
  });

  it('is the tier that served, not the one that was asked for', () => {
    const dimensions = { ModelId: 'm', ServiceTier: 'priority', ResolvedServiceTier: 'Default' };
    expect(factsOf(aws, row('AWS/Bedrock'), dimensions)?.facet.tier).toBe('standard');
  });

  it('is nothing without the model', () => {
    expect(factsOf(aws, row('AWS/Bedrock'), { ResolvedServiceTier: 'flex' })).toBeUndefined();
  });
});

describe('what a Mantle series says', () => {
  it('is model and project together, on an endpoint of its own', () => {
    const facts = factsOf(aws, row('AWS/BedrockMantle'), { Model: 'openai.gpt-6', Project: 'p1' });
    expect(facts?.traffic).toMatchObject({
      endpoint: 'mantle',
      vendorModel: 'openai.gpt-6',
      deployment: 'p1',
    });
    expect(facts?.facet).toEqual({ tier: '', modelName: '', modelVersion: '' });
  });

  it.each([
    ['the project', { Model: 'openai.gpt-6' }],
    ['the model', { Project: 'p1' }],
  ])('is nothing without %s', (_what, dimensions) => {
    expect(factsOf(aws, row('AWS/BedrockMantle'), dimensions)).toBeUndefined();
  });
});

describe('what an Azure series says', () => {
  it('is the deployment as the traffic, and model, version and tier as its facet', () => {
    const dimensions = {
      ModelDeploymentName: 'Chat-Prod',
      ModelName: 'GPT-4.1-Mini',
      ModelVersion: '2025-04-14',
      ServiceTierResponse: 'Priority',
    };
    expect(factsOf(azure, row(azureNamespace), dimensions)).toEqual({
      traffic: {
        cloud: 'azure',
        account: 'sub',
        region: 'swedencentral',
        resource: 'acc',
        endpoint: 'azure',
        vendorModel: '',
        deployment: 'Chat-Prod',
      },
      facet: { tier: 'priority', modelName: 'gpt-4.1-mini', modelVersion: '2025-04-14' },
      measure: tokens,
    });
  });

  it('takes the feature’s name for the model’s where the meter has no other', () => {
    const named = (more: Readonly<Record<string, string>>) =>
      factsOf(azure, row(azureNamespace), {
        ModelDeploymentName: 'd',
        FeatureName: 'gpt-4o',
        ...more,
      })?.facet.modelName;
    expect(named({})).toBe('gpt-4o');
    expect(named({ ModelName: 'gpt-4.1' })).toBe('gpt-4.1');
  });

  it('is nothing without the deployment', () => {
    expect(factsOf(azure, row(azureNamespace), { ModelName: 'gpt-4o' })).toBeUndefined();
  });
});

describe('the outcome of a status', () => {
  const byStatus: Measure = { kind: 'requests', outcome: 'by_status' };
  it.each([
    ['200', 'accepted'],
    ['204', 'accepted'],
    ['302', 'accepted'],
    ['399', 'accepted'],
    ['400', 'client_error'],
    ['408', 'client_error'],
    ['429', 'throttled'],
    ['499', 'client_error'],
    ['500', 'server_error'],
    ['503', 'server_error'],
    ['', 'accepted'],
    ['unknown', 'accepted'],
    [undefined, 'accepted'],
  ])('%s is %s', (status, outcome) => {
    const dimensions = {
      ModelDeploymentName: 'd',
      ...(status === undefined ? {} : { StatusCode: status }),
    };
    const facts = factsOf(azure, row(azureNamespace, byStatus), dimensions);
    expect(facts?.measure).toEqual({ kind: 'requests', outcome });
  });

  it.each<[string, Measure]>([
    ['a meter that counts one outcome', { kind: 'requests', outcome: 'accepted' }],
    ['a meter of tokens', tokens],
    ['a meter of latency', { kind: 'latency', phase: 'request' }],
  ])('does not touch %s', (_what, measure) => {
    const dimensions = { ModelDeploymentName: 'd', StatusCode: '500' };
    expect(factsOf(azure, row(azureNamespace, measure), dimensions)?.measure).toEqual(measure);
  });
});

describe('the word for a tier', () => {
  it.each([
    ['default', 'standard'],
    ['Standard', 'standard'],
    ['on-demand', 'standard'],
    ['priority', 'priority'],
    ['FLEX ', 'flex'],
    ['batch', 'batch'],
    ['reserved', 'provisioned'],
    ['Provisioned', 'provisioned'],
    ['', ''],
    ['  ', ''],
    ['turbo', 'unknown'],
  ])('of %j is %j', (vendor, tier) => {
    expect(tierWord(vendor)).toBe(tier);
  });
});
