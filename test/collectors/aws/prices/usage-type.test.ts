import { describe, expect, it } from 'vitest';
import { parseUsageType } from '../../../../collectors/aws/prices/usage-type.ts';

/** `model item tier reach ttl band`, with `-` for what is empty or plain. */
function told(usageType: string): string {
  const usage = parseUsageType(usageType);
  if (typeof usage === 'string') return usage;
  const { model, item, tier, reach, cacheTtl, band } = usage;
  return [model || '-', item, tier, reach, cacheTtl || '-', band].join(' ');
}

describe('a usage type', () => {
  it.each([
    // Billed by AWS: the model's display name, then the direction, then tier and reach.
    ['USE1-Claude2.0-input-tokens', 'Claude2.0 input standard regional - any'],
    ['USE1-gpt-oss-120b-output-tokens-priority', 'gpt-oss-120b output priority regional - any'],
    ['USE1-Nova2.0Lite-input-tokens-flex', 'Nova2.0Lite input flex regional - any'],
    [
      'USE1-Nova2.0Lite-input-tokens-cross-region-global-batch',
      'Nova2.0Lite input batch global - any',
    ],
    [
      'USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global',
      'Nova2.0Pro input priority global - any',
    ],
    [
      'USE1-Claude4.6Sonnet-cache-read-input-token-count',
      'Claude4.6Sonnet cache_read standard regional - any',
    ],
    [
      'USW2-Claude4.6Sonnet-cache-write-input-token-count',
      'Claude4.6Sonnet cache_write standard regional - any',
    ],
    [
      'USE1-Claude4.6Sonnet-output-tokens-cross-region-global',
      'Claude4.6Sonnet output standard global - any',
    ],
    [
      'USE1-Claude4Sonnet-output-tokens-long-context-cross-region-global',
      'Claude4Sonnet output standard global - long',
    ],
    ['EU-Qwen3-VL-235B-A22B-input-tokens', 'Qwen3-VL-235B-A22B input standard regional - any'],
    // Mantle: the model's id.
    [
      'USE1-openai.gpt-oss-120b-mantle-input-tokens-standard',
      'openai.gpt-oss-120b input standard regional - any',
    ],
    [
      'USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard',
      'anthropic.claude-opus-4-8 input standard global - any',
    ],
    [
      'USE1-anthropic.claude-haiku-4-5-mantle-cache-write-tokens-1h-standard',
      'anthropic.claude-haiku-4-5 cache_write standard regional 1h any',
    ],
    [
      'USE1-openai.gpt-5.6-luna-mantle-cache-write-tokens-30m-long-ctx-flex',
      'openai.gpt-5.6-luna cache_write flex regional 30m long',
    ],
    // Marketplace: no model, in two spellings.
    ['USE1-MP:USE1_InputTokenCount-Units', '- input standard regional - any'],
    ['USE1-MP:USE1_InputTokenCount_Global-Units', '- input standard global - any'],
    ['USE1-MP:USE1_InputTokenCount_Global_Batch-Units', '- input batch global - any'],
    ['USE1-MP:USE1_CacheReadInputTokenCount_Global-Units', '- cache_read standard global - any'],
    ['USE1-MP:USE1_CacheWrite1hInputTokenCount-Units', '- cache_write standard regional 1h any'],
    ['USE1-MP:USE1_CacheWrite30mInputTokenCount-Units', '- cache_write standard regional 30m any'],
    ['USE1-MP:USE1_input_tokens_standard-Units', '- input standard regional - any'],
    ['APN1-MP:APN1_output_tokens_global_standard-Units', '- output standard global - any'],
    ['USE1-MP:USE1_input_tokens_long_ctx_global_standard-Units', '- input standard global - long'],
    ['USE1-MP:USE1_cache_write_tokens_1h_standard-Units', '- cache_write standard regional 1h any'],
    ['USE1-MP:USE1_cache_read_tokens_standard-Units', '- cache_read standard regional - any'],
  ])('%s', (usageType, expected) => {
    expect(told(usageType)).toBe(expected);
  });

  it.each([
    [
      'a tier that no meter tells',
      'USE1-Claude3-5Haiku-input-tokens-latency-optimized',
      'unmetered_tier',
    ],
    ['a word that is not known', 'USE1-NovaPro-input-tokens-turbo', 'unknown_name'],
    ['a word said twice', 'USE1-NovaPro-input-tokens-batch-flex', 'unknown_name'],
    ['a time to live of what is not written', 'USE1-NovaPro-input-tokens-1h', 'unknown_name'],
    ['a rate limit', 'USE1-x.y-reserved-1-month-input-tokens-per-minute', 'not_on_demand'],
    ['a customised model', 'USE1-NovaLite-input-tokens-custom-model', 'not_on_demand'],
    ['speech', 'USE1-NovaSonic-speech-input-tokens', 'other_modality'],
    ['images by the token', 'USE1-Qwen3-32B-input-image-token-count', 'other_modality'],
    ['cache storage', 'USE1-MP:USE1_CacheStorage-Units', 'not_tokens'],
    ['cache checks', 'USE1-MP:USE1_CacheValidationCount-Units', 'not_tokens'],
    [
      'provisioned throughput',
      'USE1-MP:USE1_ProvisionedThroughput_NoCommit_ModelUnits_Usage-Units',
      'not_tokens',
    ],
    ['images', 'USE1-MP:USE1_created_image-Units', 'not_tokens'],
    ['images in', 'USE1-MP:USE1_InputImageCount-Units', 'not_tokens'],
    ['search units', 'USE1-cohere.rerank-english-v3-search-units', 'not_tokens'],
    ['nothing at all', '', 'unknown_name'],
  ])('tells why %s is not taken', (_, usageType, expected) => {
    expect(told(usageType)).toBe(expected);
  });
});
