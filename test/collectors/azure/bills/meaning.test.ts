import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalOf as canonicalOfCloud } from '../../../../agent/normalize/canonical-of.ts';
import { azureMeaningOf, needsProduct } from '../../../../collectors/azure/bills/meaning.ts';

const meaningOf = azureMeaningOf((model, version) => {
  const known = canonicalOfCloud('azure', model);
  return known && { model: known.model, modelVersion: version };
});

function told(meter: string, unit = '', product = ''): string {
  const meaning = meaningOf({ service: 'Foundry Models', meter, unit, product });
  if (typeof meaning === 'string') return meaning;
  const { model, modelVersion, item, routing, tier, band, perUnit } = meaning;
  return [model, modelVersion, item, routing, tier, band, perUnit].join(' ').replaceAll(/ +/g, ' ');
}

describe('what a billed meter counts', () => {
  test.each([
    [
      'gpt 4o 1120 Inp glbl Tokens',
      '1K',
      'openai/gpt-4o 2024-11-20 input global standard any 1000',
    ],
    [
      'gpt 4.1 mini cached Inp DZone Tokens',
      '1K',
      'openai/gpt-4.1-mini cache_read data_zone standard any 1000',
    ],
    ['GPT 5 outpt Glbl 1M Tokens', '1M', 'openai/gpt-5 output global standard any 1000000'],
    ['5.4 inp Gl 1M Tokens', '', 'openai/gpt-5.4 input global standard any 1000000'],
    [
      '5.6 terra ShortCo Cd Inp PP Gl 1M Tokens',
      '1M',
      'openai/gpt-5.6-terra cache_read global priority short 1000000',
    ],
    [
      '5.6 sol LongCo Cd Wr Std Dz 1M Tokens',
      '1m',
      'openai/gpt-5.6-sol cache_write data_zone standard long 1000000',
    ],
    [
      'gpt 4o mini0718 BatchOutp DataZone Tokens',
      '1K',
      'openai/gpt-4o-mini 2024-07-18 output data_zone batch any 1000',
    ],
  ])('%s in %s is %s, without its product', (meter, unit, meaning) => {
    expect(told(meter, unit)).toBe(meaning);
  });

  test.each([
    ['gpt 4o 1120 Inp glbl Tokens', '', 'unknown_unit', 'neither unit nor name says how many'],
    ['gpt 4o 1120 Inp glbl Tokens', '10K', 'unknown_unit', 'a unit that is none of the two'],
    ['GPT 5 outpt Glbl 1M Tokens', '1K', 'unit_disagrees', 'the two say different things'],
    ['gpt-4o-0806-FT-Trng-glbl tkn Tokens', '1K', 'not_on_demand', 'training is no traffic'],
    ['gpt-4o-rt-txt-1217 Outp glbl Tokens', '1K', 'other_modality', 'realtime'],
    ['Claude Consumption Units', '1', 'not_tokens', 'units of money, of every model of Claude'],
    ['Code-Interpreter-global Session', '1', 'not_tokens', 'sessions'],
    ['zebra Inp glbl Tokens', '1K', 'unknown_name', 'a model nobody knows'],
    ['', '', 'not_tokens', 'no name'],
  ])('%s in "%s" is %s: %s', (meter, unit, reason) => {
    expect(told(meter, unit)).toBe(reason);
  });

  test('provisioned units are told apart by their product alone', () => {
    const meter = 'Provisioned Managed Data Zone Unit';
    expect(needsProduct(meter)).toBe(true);
    expect(told(meter, '1 Hour', 'Azure OpenAI')).toBe(
      'openai/* unit_hour data_zone provisioned any 1',
    );
    expect(told(meter, '1/Hour', 'azure openai')).toBe(
      'openai/* unit_hour data_zone provisioned any 1',
    );
    expect(told(meter, '1 Hour', 'Azure Deepseek Models')).toMatch(/^deepseek\/\* unit_hour/);
    expect(told(meter, '1 Hour')).toBe('unknown_model');
    expect(told(meter, '', 'Azure OpenAI')).toBe('unknown_unit');
  });

  test('a product that is told is the only one that counts', () => {
    expect(told('5.4 inp Gl 1M Tokens', '1M', 'Azure OpenAI GPT5')).toMatch(/^openai\/gpt-5\.4/);
    expect(told('5.4 inp Gl 1M Tokens', '1M', 'Azure Grok Models')).toBe('unknown_name');
  });

  test('any name means something or says why not', () => {
    const word = fc.constantFrom(
      'gpt',
      '4o',
      '5.4',
      '4.3',
      'r1',
      '0806',
      'Inp',
      'Cd',
      'Wr',
      'glbl',
      '1M',
      'Tokens',
      'x',
    );
    fc.assert(
      fc.property(fc.array(word), fc.constantFrom('', '1K', '1M', '1'), (words, unit) => {
        expect(told(words.join(' '), unit)).not.toBe('');
        expect(typeof needsProduct(words.join(' '))).toBe('boolean');
      }),
    );
  });
});
