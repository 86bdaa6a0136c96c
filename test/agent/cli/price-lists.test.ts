import { describe, expect, it } from 'vitest';
import { canonicalNames, wantedLists } from '../../../agent/cli/price-lists.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import { configFile } from '../../support/cli-world.ts';

const aws = (region: string) => ({ cloud: 'aws', region }) as const;
const azure = (region: string) => ({ cloud: 'azure', region }) as const;
const own = '{ name: own, type: aws';
const search = '{ name: search, type: aws';
const token = 'credential: { static_token: x }';

function wanted(
  sources: string,
  targets: Parameters<typeof wantedLists>[1] = [],
  only?: 'aws' | 'azure',
) {
  const { config } = loadConfig(configFile(`sources: [${sources}]`), { env: {} });
  return wantedLists(config, targets, only);
}

describe('the lists that are asked for', () => {
  it.each([
    [
      'the regions in which anything is read, each once',
      `${own} }`,
      [aws('b'), aws('a'), aws('b')],
      [{ name: 'aws_price_list', cloud: 'aws', regions: ['a', 'b'] }],
    ],
    [
      'before that those that the sources name',
      `${own}, regions: [us-east-1] }`,
      [],
      [{ name: 'aws_price_list', cloud: 'aws', regions: ['us-east-1'] }],
    ],
    [
      'of every cloud that has a source',
      `${own} }, { name: az, type: azure }`,
      [aws('a'), azure('c')],
      [
        { name: 'aws_price_list', cloud: 'aws', regions: ['a'] },
        { name: 'azure_retail_prices', cloud: 'azure', regions: ['c'] },
      ],
    ],
    [
      'of no other, whatever the ledger still knows',
      `${own} }`,
      [aws('a'), azure('c')],
      [{ name: 'aws_price_list', cloud: 'aws', regions: ['a'] }],
    ],
    [
      'where all sources of the cloud are at an endpoint, there',
      `${own}, endpoint: 'http://127.0.0.1:1' }, { name: az, type: azure, ${token}, endpoint: 'http://127.0.0.1:2' }`,
      [aws('a'), azure('c')],
      [
        { name: 'aws_price_list', cloud: 'aws', regions: ['a'], endpoint: 'http://127.0.0.1:1' },
        {
          name: 'azure_retail_prices',
          cloud: 'azure',
          regions: ['c'],
          endpoint: 'http://127.0.0.1:2',
        },
      ],
    ],
    [
      'where one of them is at the public address, there',
      `${own}, endpoint: 'http://127.0.0.1:1' }, ${search} }`,
      [aws('a')],
      [{ name: 'aws_price_list', cloud: 'aws', regions: ['a'] }],
    ],
  ])('%s', (_, sources, targets, lists) => {
    expect(wanted(sources, targets)).toEqual({ lists, problems: [] });
  });

  it('are none where no region is known, and that is said', () => {
    const { lists, problems } = wanted(`${own} }`);
    expect(lists).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(/^AWS Price List: nothing is known of the regions/),
    ]);
  });

  it('is the one that is named, source or not', () => {
    expect(wanted(`${own} }`, [aws('a')], 'azure')).toEqual({
      lists: [],
      problems: [expect.stringContaining('Azure Retail Prices')],
    });
  });
});

describe("a list's word for a model", () => {
  it.each([
    ['aws_price_list', 'anthropic.claude-sonnet-4-6', '', 'anthropic/claude-sonnet-4-6'],
    ['azure_retail_prices', 'gpt-4o', '2024-08-06', 'openai/gpt-4o'],
    ['aws_price_list', 'nobody-knows', '', undefined],
  ] as const)('%s: %s is who the ledger says it is', (list, word, version, model) => {
    expect(canonicalNames[list](word, version)?.model).toBe(model);
  });
});
