import { describe, expect, it } from 'vitest';
import { identifyAzure, tierOfSku } from '../../../agent/normalize/identity.ts';
import type { AliasMap, AzureModelFacts } from '../../../agent/normalize/identity.ts';

const none: AliasMap = new Map();

function listed(name: string, format = 'OpenAI', version = '', skuName = 'GlobalStandard') {
  return { inventory: { format, name, version, skuName } };
}

function identify(deployment: string, rest: Partial<AzureModelFacts> = {}, aliases = none) {
  return identifyAzure({ deployment, ...rest }, aliases);
}

describe('a deployment that the inventory knows', () => {
  it('is its model, not its name', () => {
    expect(identify('chat-eu', listed('gpt-5.6-sol', 'OpenAI', '2026-07-13'))).toEqual({
      model: 'openai/gpt-5.6-sol',
      modelVersion: '2026-07-13',
      vendorModel: 'gpt-5.6-sol',
      developer: 'openai',
      family: 'openai',
      routing: 'global',
      confidence: 'inventory',
    });
  });

  it.each([
    ['OpenAI', 'gpt-35-turbo', '0613', 'openai/gpt-3.5-turbo', '0613'],
    ['OpenAI', 'gpt-4o-2024-08-06', '', 'openai/gpt-4o', '2024-08-06'],
    ['OpenAI', 'gpt-4', '0613', 'openai/gpt-4', '0613'],
    ['OpenAI', 'gpt-4', 'turbo-2024-04-09', 'openai/gpt-4-turbo', '2024-04-09'],
    ['OpenAI', 'gpt-4', '1106-Preview', 'openai/gpt-4-turbo', '1106-preview'],
    ['OpenAI', 'gpt-4-0125-preview', '', 'openai/gpt-4-turbo', '0125-preview'],
    ['OpenAI', 'gpt-5-chat-latest', '', 'openai/gpt-5-chat', ''],
    ['OpenAI', 'text-embedding-ada-002', '2', 'openai/text-embedding-ada-002', '2'],
    ['OpenAI', 'model-router', '2025-11-18', 'openai/model-router', '2025-11-18'],
    ['OpenAI-OSS', 'gpt-oss-120b', '1', 'openai/gpt-oss-120b', '1'],
    ['OpenAI-OSS', 'Llama-3.3-70B-Instruct', '9', 'meta/llama-3.3-70b-instruct', '9'],
    ['Anthropic', 'claude-sonnet-4-5', '20250929', 'anthropic/claude-sonnet-4-5', '20250929'],
    ['Meta', 'Meta-Llama-3.1-70B-Instruct', '4', 'meta/llama-3.1-70b-instruct', '4'],
    ['Mistral AI', 'Mistral-Large-3', '1', 'mistral/mistral-large-3', '1'],
    ['DeepSeek', 'DeepSeek-V3-0324', '1', 'deepseek/deepseek-v3', '0324'],
    ['Cohere', 'Cohere-command-r-plus-08-2024', '1', 'cohere/command-r-plus-08-2024', '1'],
    ['Cohere', 'embed-v-4-0', '1', 'cohere/embed-v4', '1'],
    ['xAI', 'grok-4-fast-reasoning', '1', 'xai/grok-4-fast-reasoning', '1'],
    ['Microsoft', 'MAI-DS-R1', '1', 'microsoft/mai-ds-r1', '1'],
    ['Black Forest Labs', 'FLUX.1-Kontext-pro', '1', 'black-forest-labs/flux.1-kontext-pro', '1'],
    ['AI21 Labs', 'AI21-Jamba-1.5-Large', '1', 'ai21/jamba-1.5-large', '1'],
    ['Moonshot AI', 'Kimi-K2.5', '1', 'moonshotai/kimi-k2.5', '1'],
    ['MoonshotAI', 'Kimi-K2-Thinking', '1', 'moonshotai/kimi-k2-thinking', '1'],
    ['Alibaba', 'qwen3.6-35b-a3b', '1', 'alibaba/qwen3.6-35b-a3b', '1'],
    ['Stability AI', 'Stable-Image-Core', '1', 'stability/stable-image-core', '1'],
    ['Core42', 'jais-30b-chat', '1', 'core42/jais-30b-chat', '1'],
    ['New Lab', 'Wonder 2', '1', 'new-lab/wonder-2', '1'],
    ['', 'gpt-4o', '', 'openai/gpt-4o', ''],
  ])('of format "%s", model "%s", version "%s" is %s', (format, name, version, model, settled) => {
    expect(identify('x', listed(name, format, version))).toMatchObject({
      model,
      modelVersion: settled,
      vendorModel: name,
      developer: model.split('/')[0],
      confidence: 'inventory',
    });
  });

  it('marks a fine-tuned copy, whose price is its own', () => {
    const name = 'gpt-4.1-mini-2025-04-14.ft-071a9d9c59ec4d088d1a3e56707d7361-acme_1';
    expect(identify('x', listed(name, 'OpenAI', '1', 'DeveloperTier'))).toMatchObject({
      model: 'openai/gpt-4.1-mini:ft',
      modelVersion: '2025-04-14',
      vendorModel: name,
      family: 'openai',
      routing: 'global',
    });
  });

  it('keeps the copy where the metric names its base', () => {
    const name = 'gpt-4.1-mini-2025-04-14.ft-071a9d9c';
    const rest = { ...listed(name, 'OpenAI', '1'), modelName: 'gpt-4.1-mini' };
    expect(identify('x', rest).model).toBe('openai/gpt-4.1-mini:ft');
  });

  it('has the version that served, after an automatic upgrade', () => {
    const rest = { ...listed('gpt-4o', 'OpenAI', '2024-11-20'), modelVersion: '2024-08-06' };
    expect(identify('chat', rest).modelVersion).toBe('2024-08-06');
  });

  it('was another model where the metric says so: the name was used anew', () => {
    const rest = {
      ...listed('gpt-5.4', 'OpenAI', '2026-03-05'),
      modelName: 'gpt-4o',
      modelVersion: '2024-11-20',
    };
    expect(identify('chat', rest)).toMatchObject({
      model: 'openai/gpt-4o',
      modelVersion: '2024-11-20',
      vendorModel: 'gpt-4o',
      confidence: 'parsed',
    });
  });

  it('stays GPT-4 Turbo where the metric says gpt-4 and no version', () => {
    const rest = { ...listed('gpt-4', 'OpenAI', 'turbo-2024-04-09'), modelName: 'gpt-4' };
    expect(identify('chat', rest)).toMatchObject({
      model: 'openai/gpt-4-turbo',
      confidence: 'inventory',
    });
  });

  it('does not yield to a metric’s word that is no model’s name', () => {
    expect(identify('chat', { ...listed('gpt-4o'), modelName: 'something' }).model).toBe(
      'openai/gpt-4o',
    );
  });
});

describe('a deployment without inventory', () => {
  it.each([
    ['gpt-35-turbo', '0613', 'openai/gpt-3.5-turbo', '0613', 'parsed'],
    ['gpt-4', 'turbo-2024-04-09', 'openai/gpt-4-turbo', '2024-04-09', 'parsed'],
    ['o4-mini', '2025-04-16', 'openai/o4-mini', '2025-04-16', 'parsed'],
    ['Claude-Sonnet-4-5', '', 'anthropic/claude-sonnet-4-5', '', 'parsed'],
    ['claude-opus-4-0', '', 'anthropic/claude-opus-4', '', 'bundled'],
    ['gpt-9-nova-of-tomorrow', '', 'openai/gpt-9-nova-of-tomorrow', '', 'parsed'],
  ])('is what the metric names: %s %s', (modelName, modelVersion, model, settled, confidence) => {
    expect(identify('turbo-35', { modelName, modelVersion })).toEqual({
      model,
      modelVersion: settled,
      vendorModel: modelName,
      developer: model.split('/')[0],
      family: model.split('/')[0],
      routing: 'unknown',
      confidence,
    });
  });

  it.each([
    ['gpt-4o-mini', 'openai/gpt-4o-mini'],
    ['GPT-4o-2024-08-06', 'openai/gpt-4o'],
    ['gpt-5.6-sol', 'openai/gpt-5.6-sol'],
    ['o1', 'openai/o1'],
    ['claude-haiku-4-5', 'anthropic/claude-haiku-4-5'],
  ])('is a model where its name is one, whole: %s', (deployment, model) => {
    expect(identify(deployment)).toMatchObject({ model, confidence: 'parsed' });
  });

  it.each([
    'gpt-chat-pilot',
    'gpt-team-search',
    'gpt-4-1',
    'gpt-4o-prod',
    'claude',
    'claude-for-support',
    'o1-search',
    'phi-team',
    'turbo-35',
    'chat',
    '',
  ])('is nothing known where its name is a person’s word: "%s"', (deployment) => {
    expect(identify(deployment)).toEqual({
      model: `azure/${deployment}`,
      modelVersion: '',
      vendorModel: deployment,
      developer: '',
      family: 'unknown',
      routing: 'unknown',
      confidence: 'none',
    });
  });

  it('is not guessed from its name where the metric names something else', () => {
    expect(identify('gpt-4o', { modelName: 'Something', modelVersion: '3' })).toMatchObject({
      model: 'azure/something',
      modelVersion: '3',
      vendorModel: 'Something',
      confidence: 'none',
    });
  });
});

describe('an alias for Azure', () => {
  it.each([
    ['the deployment', 'azure/chat-EU'],
    ['the model as Azure says it', 'azure/GPT-35-turbo'],
    ['the canonical name', 'openai/gpt-3.5-turbo'],
  ])('is found by %s', (_case, key) => {
    const rest = listed('gpt-35-turbo', 'OpenAI', '0613', 'DataZoneStandard');
    expect(identify('Chat-eu', rest, new Map([[key, 'OpenAI/gpt-4.1-mini']]))).toEqual({
      model: 'openai/gpt-4.1-mini',
      modelVersion: '0613',
      vendorModel: 'gpt-35-turbo',
      developer: 'openai',
      family: 'openai',
      routing: 'data_zone',
      confidence: 'alias',
    });
  });

  it('names what no rule knows', () => {
    const aliases = new Map([['azure/my-ft-model', 'openai/gpt-4.1-mini']]);
    expect(identify('my-ft-model', {}, aliases)).toMatchObject({
      model: 'openai/gpt-4.1-mini',
      vendorModel: 'my-ft-model',
      confidence: 'alias',
    });
  });

  it('of the other cloud is not for it', () => {
    const aliases = new Map([['aws/chat', 'openai/gpt-4.1-mini']]);
    expect(identify('chat', {}, aliases).confidence).toBe('none');
  });
});

describe('an Azure SKU', () => {
  it.each([
    ['Standard', 'in_region', 'standard'],
    ['GlobalStandard', 'global', 'standard'],
    ['DataZoneStandard', 'data_zone', 'standard'],
    ['ProvisionedManaged', 'in_region', 'provisioned'],
    ['GlobalProvisionedManaged', 'global', 'provisioned'],
    ['DataZoneProvisionedManaged', 'data_zone', 'provisioned'],
    ['GlobalBatch', 'global', 'batch'],
    ['DataZoneBatch', 'data_zone', 'batch'],
    ['DeveloperTier', 'global', 'standard'],
    ['globalstandard', 'global', 'standard'],
    ['S0', 'unknown', 'unknown'],
    ['MyGlobalStandard', 'unknown', 'unknown'],
    ['', 'unknown', 'unknown'],
  ])('"%s" routes %s, tier %s', (sku, routing, tier) => {
    expect(tierOfSku(sku)).toEqual({ routing, tier });
  });
});
