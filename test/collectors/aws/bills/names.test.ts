import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDays, dateOf, dayOf, openSince } from '../../../../collectors/aws/bills/days.ts';
import { createMeaningOf } from '../../../../collectors/aws/bills/meaning.ts';
import { recordTypeOf } from '../../../../collectors/aws/bills/record-types.ts';
import { regionOf } from '../../../../collectors/aws/bills/regions.ts';
import { dayMs } from '../../../../agent/core/time.ts';
import { canonicalOf } from './bill-world.ts';

const meaningOf = createMeaningOf({ canonicalOf });
const sonnet = 'Claude Sonnet 4.6 (Amazon Bedrock Edition)';
const sol = 'OpenAI GPT-5.6 Sol (Amazon Bedrock Edition)';
const plain = { modelVersion: '', routing: '', tier: 'standard', band: 'any', cacheTtl: '' };

describe('what a billed usage type means', () => {
  it.each([
    [
      'USE1-NovaPro-input-tokens',
      'Amazon Bedrock',
      '1K tokens',
      { ...plain, model: 'amazon/nova-pro', item: 'input', perUnit: 1_000 },
    ],
    [
      'USE1-gpt-oss-120b-output-tokens-priority',
      'Amazon Bedrock',
      '1K tokens',
      { ...plain, model: 'openai/gpt-oss-120b', item: 'output', tier: 'priority', perUnit: 1_000 },
    ],
    [
      'EU-openai.gpt-5.5-mantle-input-tokens-standard',
      'Amazon Bedrock',
      '1K tokens',
      { ...plain, model: 'openai/gpt-5.5', item: 'input', perUnit: 1_000 },
    ],
    [
      'USE1-MP:USE1_InputTokenCount_Global-Units',
      sonnet,
      'Units',
      {
        ...plain,
        model: 'anthropic/claude-sonnet-4-6',
        item: 'input',
        routing: 'global',
        perUnit: 1_000_000,
      },
    ],
    [
      'USE1-MP:USE1_cache_write_tokens_1h_standard-Units',
      sonnet,
      '1M tokens',
      {
        ...plain,
        model: 'anthropic/claude-sonnet-4-6',
        item: 'cache_write',
        cacheTtl: '1h',
        perUnit: 1_000_000,
      },
    ],
    [
      'USE1-MP:USE1_input_tokens_long_ctx_standard-Units',
      sol,
      '1M tokens',
      { ...plain, model: 'openai/gpt-5.6-sol', item: 'input', band: 'long', perUnit: 1_000_000 },
    ],
  ])('%s of %s', (meter, service, unit, expected) => {
    expect(meaningOf({ service, meter, unit, product: '' })).toEqual(expected);
  });

  it.each([
    [
      'a quantity without a unit',
      'USE1-NovaPro-input-tokens',
      'Amazon Bedrock',
      '',
      'unknown_unit',
    ],
    ['a unit no table has', 'USE1-NovaPro-input-tokens', 'Amazon Bedrock', 'N', 'unknown_unit'],
    [
      'plain units outside the marketplace',
      'USE1-NovaPro-input-tokens',
      'Amazon Bedrock',
      'Units',
      'unknown_unit',
    ],
    [
      'a marketplace model nobody knows',
      'USE1-MP:USE1_InputTokenCount-Units',
      'Marvel 9 (Amazon Bedrock Edition)',
      'Units',
      'unknown_model',
    ],
    [
      'throughput by the hour',
      'USE1-MP:USE1_ProvisionedThroughput_1_month_ModelUnits-Units',
      sonnet,
      'Units',
      'not_tokens',
    ],
    ['storage', 'USE1-MP:USE1_CacheStorage-Units', sonnet, 'Units', 'not_tokens'],
    [
      'a guardrail',
      'USE1-Guardrail-ContentPolicyUnitsConsumed',
      'Amazon Bedrock',
      'TextUnits',
      'not_tokens',
    ],
    ['hosting', 'USE1-CustomModel-Hosting', 'Amazon Bedrock', 'Hours', 'not_tokens'],
    [
      'tokens of a reservation',
      'USE1-NovaPro-Reserved-input-tokens',
      'Amazon Bedrock',
      '1K tokens',
      'not_on_demand',
    ],
    [
      'words outside the catalog',
      'USE1-NovaPro-wonders',
      'Amazon Bedrock',
      '1K tokens',
      'unknown_name',
    ],
  ])('%s is %s of %s in %s: %s', (_sentence, meter, service, unit, reason) => {
    expect(meaningOf({ service, meter, unit, product: '' })).toBe(reason);
  });

  it('takes what the marketplace calls a unit for as many tokens as it is told, or for none', () => {
    const line = {
      service: sonnet,
      meter: 'USE1-MP:USE1_InputTokenCount-Units',
      unit: 'Units',
      product: '',
    };
    const thousand = createMeaningOf({ canonicalOf, tokensPerPlainUnit: 1_000 })(line);
    expect(thousand).toMatchObject({ perUnit: 1_000 });
    expect(createMeaningOf({ canonicalOf, tokensPerPlainUnit: null })(line)).toBe('unknown_unit');
  });
});

describe('the region of a usage type', () => {
  it.each([
    ['USE1-NovaPro-input-tokens', 'us-east-1'],
    ['EU-NovaPro-input-tokens', 'eu-west-1'],
    ['EUW1-MP:EUW1_InputTokenCount-Units', 'eu-west-1'],
    ['APN1-NovaPro-input-tokens', 'ap-northeast-1'],
    ['APNE1-NovaPro-input-tokens', 'ap-northeast-1'],
    ['APS3-NovaPro-input-tokens', 'ap-south-1'],
    ['XYZ9-NovaPro-input-tokens', ''],
    ['NovaPro-input-tokens', ''],
    ['', ''],
  ])('%s: %s', (usageType, region) => {
    expect(regionOf(usageType)).toBe(region);
  });
});

describe('what a record type is for', () => {
  it.each([
    ['Usage', 'usage'],
    ['DiscountedUsage', 'usage'],
    ['SavingsPlanCoveredUsage', 'usage'],
    ['SavingsPlanNegation', 'discount'],
    ['Enterprise Discount Program Discount', 'discount'],
    ['PrivateRateDiscount', 'discount'],
    ['Recurring reservation fee', 'purchase'],
    ['RIFee', 'purchase'],
    ['SavingsPlanRecurringFee', 'purchase'],
    ['Credit', 'credit'],
    ['Refund', 'refund'],
    ['Tax', 'tax'],
    ['Support fee', 'fee'],
    ['Other out-of-cycle charges', 'adjustment'],
    ['Something new', 'adjustment'],
  ])('%s: %s', (value, expected) => {
    expect(recordTypeOf(value)).toBe(expected);
  });
});

describe('days', () => {
  it('are written and read alike, and no other text is one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40_000 }), (day) => {
        expect(dayOf(dateOf(day * dayMs))).toBe(day * dayMs);
      }),
    );
    for (const text of ['2026-02-30', '2026-13-01', '2026-1-1', '2026-01-01T00:00:00Z', '', 'x']) {
      expect([text, dayOf(text)]).toEqual([text, undefined]);
    }
  });

  it.each([
    ['2026-11-18T12:00:00Z', '2026-11-01'],
    ['2026-11-05T23:59:59Z', '2026-10-01'],
    ['2026-11-06T00:00:00Z', '2026-11-01'],
    ['2026-01-03T00:00:00Z', '2025-12-01'],
  ])('at %s everything from %s on may still change', (at, first) => {
    expect(dateOf(openSince(Date.parse(at)))).toBe(first);
  });

  it.each([
    ['an empty span', { start: 0, end: 0 }],
    ['half a day', { start: 0, end: dayMs / 2 }],
    ['a day that begins at noon', { start: dayMs / 2, end: 1.5 * dayMs }],
  ])('%s cannot be asked for', (_sentence, days) => {
    expect(() => checkDays(days)).toThrow(RangeError);
  });
});
