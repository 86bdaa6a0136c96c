import { describe, expect, it } from 'vitest';
import { readMeterName } from '../../../../collectors/azure/prices/meter-name.ts';

const gpt5 = 'Azure OpenAI GPT5';

/** `model version item routing tier band unit`, with `-` for what is empty or plain. */
function told(meterName: string, product = 'Azure OpenAI'): string {
  const name = readMeterName(meterName, product);
  if (typeof name === 'string') return name;
  const { model, version, item, routing, tier, band, unit = '' } = name;
  return [model, version, item, routing, tier, band, unit].map((word) => word || '-').join(' ');
}

describe('a meter of Azure OpenAI', () => {
  it.each([
    ['gpt 4o 1120 Inp glbl Tokens', 'gpt-4o 2024-11-20 input global standard any -'],
    ['gpt 4o 1120 Outp glbl Tokens', 'gpt-4o 2024-11-20 output global standard any -'],
    ['gpt 4o 1120 cached Inp glbl Tokens', 'gpt-4o 2024-11-20 cache_read global standard any -'],
    ['gpt 4o 1120 Inp Data Zone Tokens', 'gpt-4o 2024-11-20 input data_zone standard any -'],
    ['gpt 4o 1120 Inp regnl Tokens', 'gpt-4o 2024-11-20 input in_region standard any -'],
    ['gpt-4o-0806-Inp-glbl Tokens', 'gpt-4o 2024-08-06 input global standard any -'],
    ['gpt-4o-0806-Outp-glbl Tokens', 'gpt-4o 2024-08-06 output global standard any -'],
    ['gpt 4o 0806 cached Inp glbl Tokens', 'gpt-4o 2024-08-06 cache_read global standard any -'],
    ['gpt-4o-0806-Inp-regnl Tokens', 'gpt-4o 2024-08-06 input in_region standard any -'],
    ['gpt 4o 0513 Input global Tokens', 'gpt-4o 2024-05-13 input global standard any -'],
    ['gpt 4o 0513 Output global Tokens', 'gpt-4o 2024-05-13 output global standard any -'],
    ['gpt 4o 0513 Input Data Zone Tokens', 'gpt-4o 2024-05-13 input data_zone standard any -'],
    ['gpt 4o 0513 Input regional Tokens', 'gpt-4o 2024-05-13 input in_region standard any -'],
    ['gpt-4o-mini-0718-Inp-glbl Tokens', 'gpt-4o-mini 2024-07-18 input global standard any -'],
    [
      'gpt 4o mini 0718 cached Inp glbl Tokens',
      'gpt-4o-mini 2024-07-18 cache_read global standard any -',
    ],
    ['gpt-4o-mini-0718-Batch-Inp-glbl Tokens', 'gpt-4o-mini 2024-07-18 input global batch any -'],
    [
      'gpt 4o mini0718 BatchOutp DataZone Tokens',
      'gpt-4o-mini 2024-07-18 output data_zone batch any -',
    ],
    ['gpt 4.1 Inp glbl Tokens', 'gpt-4.1 - input global standard any -'],
    ['gpt 4.1 mini cached Inp DZone Tokens', 'gpt-4.1-mini - cache_read data_zone standard any -'],
    ['o1 1217 cached Inp glbl Tokens', 'o1 2024-12-17 cache_read global standard any -'],
    [
      'o3 mini 0131 cached input glbl Tokens',
      'o3-mini 2025-01-31 cache_read global standard any -',
    ],
    ['o3 mini 0131 output glbl Tokens', 'o3-mini 2025-01-31 output global standard any -'],
    ['gpt 5 pro out glbl Tokens', 'gpt-5-pro - output global standard any -'],
    ['gpt-5-codex-ccchd-inp-glbl Tokens', 'gpt-5-codex - cache_read global standard any -'],
    ['gpt-5-codex-out-glbl Tokens', 'gpt-5-codex - output global standard any -'],
    ['text-embedding-3-large-glbl Tokens', 'text-embedding-3-large - input global standard any -'],
    ['text embedding 3 large DZ Tokens', 'text-embedding-3-large - input data_zone standard any -'],
    [
      'text-embedding-3-large-regional Tokens',
      'text-embedding-3-large - input in_region standard any -',
    ],
    ['embedding-ada-glbl Tokens', 'text-embedding-ada-002 - input global standard any -'],
  ])('%s', (meterName, expected) => {
    expect(told(meterName)).toBe(expected);
  });

  it.each([
    [
      'Azure OpenAI Reasoning',
      'o4-mini 0416 cached Inp DataZone Tokens',
      'o4-mini 2025-04-16 cache_read data_zone standard any -',
    ],
    [gpt5, 'GPT 5 Inpt Glbl 1M Tokens', 'gpt-5 - input global standard any 1M'],
    [gpt5, 'GPT 5 outpt Glbl 1M Tokens', 'gpt-5 - output global standard any 1M'],
    [gpt5, 'GPT 5 Mini cchd Inpt Glbl 1M Tokens', 'gpt-5-mini - cache_read global standard any 1M'],
    [gpt5, 'GPT 5 Batch Inpt cchd Dzone 1M Tokens', 'gpt-5 - cache_read data_zone batch any 1M'],
    [gpt5, '5.4 inp Gl 1M Tokens', 'gpt-5.4 - input global standard any 1M'],
    [gpt5, '5.4 opt Gl 1M Tokens', 'gpt-5.4 - output global standard any 1M'],
    [gpt5, '5.4 pp opt Gl 1M Tokens', 'gpt-5.4 - output global priority any 1M'],
    [
      gpt5,
      '5.2 chat 0210 cd inp Gl 1M Tokens',
      'gpt-5.2-chat 2026-02-10 cache_read global standard any 1M',
    ],
    [
      gpt5,
      'GPT 5.1 chat inp Gl 1M Tokens - Preview',
      'gpt-5.1-chat - input global standard any 1M',
    ],
    [gpt5, '5.1 codex mini opt Gl 1M Tokens', 'gpt-5.1-codex-mini - output global standard any 1M'],
    [
      gpt5,
      '5.6 terra ShortCo Cd Inp PP Gl 1M Tokens',
      'gpt-5.6-terra - cache_read global priority short 1M',
    ],
    [
      gpt5,
      '5.6 terra LongCo opt Dz 1M Tokens',
      'gpt-5.6-terra - output data_zone standard long 1M',
    ],
    [
      gpt5,
      '6-astra ShortCo Cd Wr Std Gl 1M Tokens',
      'gpt-6-astra - cache_write global standard short 1M',
    ],
    ['Azure Deepseek Models', 'R1 Inp glbl Tokens', 'DeepSeek-R1 - input global standard any -'],
    [
      'Azure Llama Models',
      'Llama 3.3 70B Inp glbl Tokens',
      'Llama-3.3-70B-Instruct - input global standard any -',
    ],
    ['Azure Phi Models', 'Phi-4-Input Tokens', 'Phi-4 - input - standard any -'],
    ['Azure Grok Models', '4.3 Inp Glbl Tokens', 'grok-4.3 - input global standard any -'],
  ])('of %s: %s', (product, meterName, expected) => {
    expect(told(meterName, product)).toBe(expected);
  });
});

describe('a meter that is not taken', () => {
  it.each([
    ['a short word outside its product', '4.3 Inp Glbl Tokens', 'Azure OpenAI', 'unknown_name'],
    ['a number outside its product', '5.4 inp Gl 1M Tokens', 'Azure OpenAI', 'unknown_name'],
    ['an unknown word', '5.4 inp Gl turbo 1M Tokens', gpt5, 'unknown_name'],
    ['a version whose year nobody tells', '5.4 0305 inp Gl 1M Tokens', gpt5, 'unknown_name'],
    ['a routing said twice', '5.4 inp Gl Dz 1M Tokens', gpt5, 'unknown_name'],
    ['no direction', '5.4 Gl 1M Tokens', gpt5, 'unknown_name'],
    ['cached output', '5.4 cd opt Gl 1M Tokens', gpt5, 'unknown_name'],
    ['an unknown model', 'gpt 9 Inp glbl Tokens', 'Azure OpenAI', 'unknown_name'],
    ['speech', 'gpt rt aud 0828 cchd Inp glbl Tokens', 'Azure OpenAI', 'other_modality'],
    ['text beside speech', 'gpt-4o-rt-txt-1217 Outp glbl Tokens', 'Azure OpenAI', 'other_modality'],
    [
      'speech of a preview',
      'gpt4o realtimePrvw audio inp glbl Tokens',
      'Azure OpenAI',
      'other_modality',
    ],
    ['training', 'gpt-4o-0806-FT-Trng-glbl tkn Tokens', 'Azure OpenAI', 'not_on_demand'],
    [
      'a customised copy',
      'gpt 4o mini dev ft cchd inpt glbl Tokens',
      'Azure OpenAI',
      'not_on_demand',
    ],
    ['hosting', 'gpt-4o-0806-FT-Hstng-glbl Unit', 'Azure OpenAI', 'not_tokens'],
    ['storage', 'Assistants-File Search-glbl GB', 'Azure OpenAI', 'not_tokens'],
    ['calls', 'file-search-tool-calls-glbl Calls', 'Azure OpenAI', 'not_tokens'],
    ['sessions', 'Code-Interpreter-global Session', 'Azure OpenAI', 'not_tokens'],
    ['images', 'Image-Dall-E-3 HD HighRes-glbl Images', 'Azure OpenAI', 'not_tokens'],
  ])('for %s: %s', (_, meterName, product, expected) => {
    expect(told(meterName, product)).toBe(expected);
  });
});
