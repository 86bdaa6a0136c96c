import { describe, expect, it } from 'vitest';
import { identifyBedrock } from '../../../agent/normalize/identity.ts';
import type { AliasMap, BedrockModelFacts } from '../../../agent/normalize/identity.ts';

const none: AliasMap = new Map();

function identify(modelId: string, rest: Partial<BedrockModelFacts> = {}, aliases = none) {
  return identifyBedrock({ modelId, endpoint: 'runtime', ...rest }, aliases);
}

const arn = (region: string, id: string) => `arn:aws:bedrock:${region}::foundation-model/${id}`;

describe('a Bedrock id that follows the grammar', () => {
  it.each([
    ['a geographic profile', 'us.openai.gpt-5.6-sol', 'openai/gpt-5.6-sol', '', 'geo'],
    ['a global profile', 'global.openai.gpt-5.6-sol', 'openai/gpt-5.6-sol', '', 'global'],
    ['a bare id', 'openai.gpt-5.6-sol', 'openai/gpt-5.6-sol', '', 'in_region'],
    ['OpenAI’s revision', 'openai.gpt-oss-120b-1:0', 'openai/gpt-oss-120b', '', 'in_region'],
    ['the same without revision', 'openai.gpt-oss-120b', 'openai/gpt-oss-120b', '', 'in_region'],
    [
      'a dated id',
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'anthropic/claude-sonnet-4-5',
      '20250929',
      'geo',
    ],
    [
      'a second revision behind a date',
      'apac.anthropic.claude-3-5-sonnet-20241022-v2:0',
      'anthropic/claude-3-5-sonnet',
      '20241022',
      'geo',
    ],
    [
      'a revision without number',
      'au.anthropic.claude-opus-4-6-v1',
      'anthropic/claude-opus-4-6',
      '',
      'geo',
    ],
    ['a revision', 'amazon.nova-pro-v1:0', 'amazon/nova-pro', '', 'in_region'],
    ['a context length', 'amazon.nova-pro-v1:0:300k', 'amazon/nova-pro', '', 'in_region'],
    ['a government geography', 'us-gov.amazon.nova-pro-v1:0', 'amazon/nova-pro', '', 'geo'],
    ['a geography of tomorrow', 'mx.amazon.nova-pro-v1:0', 'amazon/nova-pro', '', 'geo'],
    [
      'a preview with a date',
      'eu.amazon.nova-2-pro-preview-20251202-v1:0',
      'amazon/nova-2-pro-preview',
      '20251202',
      'geo',
    ],
    [
      'a second model, not revision',
      'amazon.titan-embed-text-v2:0:8k',
      'amazon/titan-embed-text-v2',
      '',
      'in_region',
    ],
    [
      'a revision zero',
      'mistral.mistral-7b-instruct-v0:2',
      'mistral/mistral-7b-instruct-v0.2',
      '',
      'in_region',
    ],
    [
      'a model that is named by its month',
      'mistral.mistral-large-2407-v1:0',
      'mistral/mistral-large-2407',
      '',
      'in_region',
    ],
    ['dots in a name', 'zai.glm-4.7-flash', 'zai/glm-4.7-flash', '', 'in_region'],
    [
      'a vendor that is not the developer',
      'qwen.qwen3-32b-v1:0',
      'alibaba/qwen3-32b',
      '',
      'in_region',
    ],
    [
      'one developer’s first word',
      'moonshot.kimi-k2-thinking',
      'moonshotai/kimi-k2-thinking',
      '',
      'in_region',
    ],
    [
      'and its second',
      'moonshotai.kimi-k2-thinking',
      'moonshotai/kimi-k2-thinking',
      '',
      'in_region',
    ],
    ['a name cut short', 'us.deepseek.r1-v1:0', 'deepseek/deepseek-r1', '', 'geo'],
    ['a dot behind the vendor', 'deepseek.v3.2', 'deepseek/deepseek-v3.2', '', 'in_region'],
    ['a dot behind scope and vendor', 'eu.deepseek.v3.2', 'deepseek/deepseek-v3.2', '', 'geo'],
    [
      'Llama’s hyphens',
      'meta.llama3-1-70b-instruct-v1:0',
      'meta/llama-3.1-70b-instruct',
      '',
      'in_region',
    ],
    [
      'Llama without a minor',
      'meta.llama3-70b-instruct-v1:0',
      'meta/llama-3-70b-instruct',
      '',
      'in_region',
    ],
    [
      'Llama 4',
      'us.meta.llama4-scout-17b-instruct-v1:0',
      'meta/llama-4-scout-17b-instruct',
      '',
      'geo',
    ],
    ['a vendor we never met', 'us.newlab.wonder-2-v1:0', 'newlab/wonder-2', '', 'geo'],
    ['capitals and blanks', ' US.Amazon.Nova-Pro-v1:0 ', 'amazon/nova-pro', '', 'geo'],
    [
      'a model’s ARN',
      arn('us-east-1', 'amazon.nova-lite-v1:0'),
      'amazon/nova-lite',
      '',
      'in_region',
    ],
    [
      'a system profile’s ARN',
      'arn:aws:bedrock:us-east-1:111122223333:inference-profile/global.anthropic.claude-sonnet-5',
      'anthropic/claude-sonnet-5',
      '',
      'global',
    ],
    [
      'a customised copy',
      'arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-lite-v1:0:300k/0example0001',
      'amazon/nova-lite:ft',
      '',
      'in_region',
    ],
  ])('reads %s: %s', (_case, modelId, model, modelVersion, routing) => {
    expect(identify(modelId)).toMatchObject({
      model,
      modelVersion,
      routing,
      vendorModel: modelId,
      developer: model.split('/')[0],
      confidence: 'parsed',
    });
  });

  it.each([
    ['amazon.nova-pro-v1:0', 'amazon-nova'],
    ['amazon.titan-embed-text-v2:0', 'amazon-titan'],
    ['amazon.rerank-v1:0', 'amazon'],
    ['openai.gpt-oss-20b', 'openai'],
    ['qwen.qwen3-32b-v1:0', 'alibaba'],
  ])('gives %s the contract family %s', (modelId, family) => {
    expect(identify(modelId).family).toBe(family);
  });

  it('gives the Mantle endpoint’s id the runtime id’s model', () => {
    const mantle = identify('openai.gpt-oss-120b', { endpoint: 'mantle' });
    expect(mantle.model).toBe(identify('openai.gpt-oss-120b-1:0').model);
    expect(mantle.routing).toBe('in_region');
  });
});

describe('the bundled map', () => {
  it.each([
    ['us.deepseek.v3-v1:0', 'deepseek/deepseek-v3.1'],
    ['anthropic.claude-v2:1:200k', 'anthropic/claude-2.1'],
    ['nvidia.nemotron-super-3-120b', 'nvidia/nemotron-3-super-120b-a12b'],
    ['mistral.mistral-large-3-675b-instruct', 'mistral/mistral-large-3'],
  ])('knows what %s means', (modelId, model) => {
    expect(identify(modelId)).toMatchObject({ model, confidence: 'bundled' });
  });
});

it('the bundled map knows the base of a customised copy', () => {
  const base = 'custom-model/meta.llama3-2-11b-instruct-v1:0';
  expect(identify(`arn:aws:bedrock:us-east-1:111122223333:${base}/0example0001`)).toMatchObject({
    model: 'meta/llama-3.2-11b-vision-instruct:ft',
    confidence: 'bundled',
  });
});

describe('an opaque Bedrock id', () => {
  it.each([
    ['an application profile nobody listed', '0example0001', 'aws/0example0001'],
    [
      'its ARN',
      'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/0example0001',
      'aws/0example0001',
    ],
    [
      'provisioned capacity',
      'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/0Example0001',
      'aws/0example0001',
    ],
    [
      'an imported model',
      'arn:aws:bedrock:us-east-1:111122223333:imported-model/0example0001',
      'aws/0example0001',
    ],
    [
      'another service',
      'arn:aws:sagemaker:us-east-1:111122223333:endpoint/my.endpoint',
      'aws/my.endpoint',
    ],
    [
      'a kind of ARN that is none of the known',
      'arn:aws:bedrock:us-east-1:111122223333:other-kind/amazon.nova-lite-v1:0/0example0001',
      'aws/0example0001',
    ],
    ['a scope alone', 'us.nova', 'aws/us.nova'],
    ['nothing', '', 'aws/'],
  ])('stays itself for %s', (_case, modelId, model) => {
    expect(identify(modelId)).toEqual({
      model,
      modelVersion: '',
      vendorModel: modelId,
      developer: '',
      family: 'unknown',
      routing: 'unknown',
      confidence: 'none',
    });
  });
});

describe('an application inference profile', () => {
  const nova = 'amazon.nova-lite-v1:0';
  const sonnet = 'anthropic.claude-sonnet-4-20250514-v1:0';
  const system =
    'arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.amazon.nova-lite-v1:0';

  it.each([
    ['one ARN stays in its region', [arn('us-east-1', nova)], 'amazon/nova-lite', 'in_region'],
    [
      'several regions make it geographic',
      [arn('us-east-1', nova), arn('us-west-2', nova), arn('us-east-2', nova)],
      'amazon/nova-lite',
      'geo',
    ],
    [
      'an ARN without region beside another makes it global',
      [arn('', sonnet), arn('us-east-2', sonnet)],
      'anthropic/claude-sonnet-4',
      'global',
    ],
    [
      'an ARN without region alone says nothing of routing',
      [arn('', nova)],
      'amazon/nova-lite',
      'unknown',
    ],
    ['a scoped id inside tells by itself', [system], 'amazon/nova-lite', 'geo'],
  ])('%s', (_case, modelArns, model, routing) => {
    expect(identify('0example0001', { profile: { name: 'search', modelArns } })).toMatchObject({
      model,
      routing,
      vendorModel: '0example0001',
      confidence: 'inventory',
    });
  });

  it.each([
    ['no ARN', []],
    ['an opaque ARN', ['arn:aws:bedrock:us-east-1:111122223333:imported-model/0example0009']],
    ['ARNs of two models', [arn('us-east-1', nova), arn('us-east-1', sonnet)]],
  ])('with %s keeps its id', (_case, modelArns) => {
    const identity = identify('0example0001', { profile: { name: 'search', modelArns } });
    expect(identity).toMatchObject({ model: 'aws/0example0001', confidence: 'none' });
  });
});

describe('an alias for Bedrock', () => {
  const profile = { name: 'search-prod', modelArns: [arn('us-east-1', 'amazon.nova-lite-v1:0')] };

  it.each([
    ['the id', 'aws/us.amazon.nova-lite-v1:0'],
    ['the id without scope', 'aws/amazon.nova-lite-v1:0'],
    ['another case', 'AWS/Amazon.Nova-Lite-v1:0'],
    ['the canonical name', 'amazon/nova-lite'],
  ])('is found by %s', (_case, key) => {
    const aliases = new Map([[key, 'acme/own-model']]);
    expect(identify('us.amazon.nova-lite-v1:0', {}, aliases)).toMatchObject({
      model: 'acme/own-model',
      developer: 'acme',
      family: 'acme',
      vendorModel: 'us.amazon.nova-lite-v1:0',
      routing: 'geo',
      confidence: 'alias',
    });
  });

  it.each([
    ['the profile’s id', 'aws/0example0001'],
    ['the profile’s name', 'search-prod'],
    ['the profile’s name with its cloud', 'aws/Search-Prod'],
    ['the model inside', 'aws/amazon.nova-lite-v1:0'],
  ])('of an application profile is found by %s', (_case, key) => {
    const aliases = new Map([[key, 'acme/own-model']]);
    expect(identify('0example0001', { profile }, aliases).model).toBe('acme/own-model');
  });

  it('names a profile that no inventory knows', () => {
    const aliases = new Map([['aws/0example0001', 'amazon/nova-pro']]);
    expect(identify('0example0001', {}, aliases)).toMatchObject({
      model: 'amazon/nova-pro',
      family: 'amazon-nova',
      routing: 'unknown',
    });
  });

  it('takes the more telling name when two match', () => {
    const aliases = new Map([
      ['amazon/nova-lite', 'acme/by-model'],
      ['aws/us.amazon.nova-lite-v1:0', 'acme/by-id'],
    ]);
    expect(identify('us.amazon.nova-lite-v1:0', {}, aliases).model).toBe('acme/by-id');
  });

  it('is passed over where its answer is not a canonical id', () => {
    const aliases = new Map([['amazon/nova-lite', 'nova lite']]);
    expect(identify('amazon.nova-lite-v1:0', {}, aliases).confidence).toBe('parsed');
  });
});
