import { describe, expect, it } from 'vitest';
import { identifyBedrock } from '../../../../agent/normalize/identity.ts';
import { bedrockIdOf } from '../../../../collectors/aws/prices/models.ts';

/** What the price list calls a model, and what the meters' ids of it come to. */
function canonical(word: string): string | undefined {
  const modelId = bedrockIdOf(word);
  return modelId === undefined
    ? undefined
    : identifyBedrock({ modelId, endpoint: 'runtime' }, new Map()).model;
}

describe('a model of the list is the one of the meters', () => {
  it.each([
    ['Claude 2.1', 'anthropic.claude-v2:1'],
    ['Claude 3 Haiku', 'anthropic.claude-3-haiku-20240307-v1:0'],
    ['Claude3-5Haiku', 'us.anthropic.claude-3-5-haiku-20241022-v1:0'],
    ['Claude 3.5 Sonnet v2', 'anthropic.claude-3-5-sonnet-20241022-v2:0'],
    ['Claude Sonnet 4', 'us.anthropic.claude-sonnet-4-20250514-v1:0'],
    ['Claude Sonnet 4.6', 'us.anthropic.claude-sonnet-4-6'],
    ['Claude4.6Sonnet', 'us.anthropic.claude-sonnet-4-6'],
    ['Claude Opus 4.5', 'global.anthropic.claude-opus-4-5-20251101-v1:0'],
    ['OpenAI GPT-5.6 Sol', 'global.openai.gpt-5.6-sol'],
    ['GPT-5.5', 'openai.gpt-5.5'],
    ['openai.gpt-6.1-sol', 'us.openai.gpt-6.1-sol'],
    ['gpt-oss-120b', 'openai.gpt-oss-120b-1:0'],
    ['GPT-OSS-Safeguard-20B', 'openai.gpt-oss-safeguard-20b'],
    ['Nova 2.0 Lite', 'us.amazon.nova-2-lite-v1:0'],
    ['Nova2.0Pro', 'amazon.nova-2-pro-v1:0'],
    ['Nova Pro', 'eu.amazon.nova-pro-v1:0'],
    ['Llama 3.1 70B', 'us.meta.llama3-1-70b-instruct-v1:0'],
    ['Llama4-Maverick-17B', 'us.meta.llama4-maverick-17b-instruct-v1:0'],
    ['Mistral Large', 'mistral.mistral-large-2402-v1:0'],
    ['R1', 'us.deepseek.r1-v1:0'],
    ['Qwen3 32B', 'qwen.qwen3-32b-v1:0'],
    ['xai.grok-4.6', 'xai.grok-4.6'],
  ])('%s is %s', (word, modelId) => {
    const metered = identifyBedrock({ modelId, endpoint: 'runtime' }, new Map());
    expect(metered.confidence).not.toBe('none');
    expect(canonical(word)).toBe(metered.model);
  });

  it.each([
    'Claude',
    'Claude Nine 9',
    'Nova Ultra',
    'Amazon Bedrock',
    '',
    'GPT-4',
    'Claude Sonnet 4.66',
  ])('%s is nobody we know', (word) => {
    expect(bedrockIdOf(word)).toBeUndefined();
  });
});
