import { describe, expect, it } from 'vitest';
import { dimensionNames } from '../../../agent/core/dimension.ts';
import type { Dimension } from '../../../agent/core/dimension.ts';
import {
  dimensionMeaning,
  dimensionValues,
  filtersOf,
  matches,
  matchesAny,
  parseDimension,
  valueReader,
} from '../../../agent/query/dimensions.ts';
import type { TeamRule } from '../../../agent/query/dimensions.ts';
import { identityRow } from '../../support/memory-reader.ts';

const azure = identityRow({
  id: 1,
  cloud: 'azure',
  account: '00000000-0000-0000-0000-000000000001',
  resource: 'aoai-east',
  region: 'eastus',
  model: 'openai/gpt-4.1-mini',
  modelVersion: '2025-04-14',
  vendorModel: 'gpt-4.1-mini',
  deployment: 'search-prod',
  endpoint: 'azure',
  routing: 'data_zone',
  tier: 'provisioned',
  tags: { Team: 'Search', 'cost center': '42' },
});

describe('the value of a dimension', () => {
  const teams: readonly TeamRule[] = [{ kind: 'named', name: 'all', match: { cloud: ['*'] } }];
  const cases: readonly (readonly [Dimension, string])[] = [
    ['cloud', 'azure'],
    ['provider', 'azure.ai.openai'],
    ['account', '00000000-0000-0000-0000-000000000001'],
    ['resource', 'aoai-east'],
    ['region', 'eastus'],
    ['model', 'openai/gpt-4.1-mini'],
    ['model_version', '2025-04-14'],
    ['vendor_model', 'gpt-4.1-mini'],
    ['deployment', 'search-prod'],
    ['endpoint', 'azure'],
    ['routing', 'data_zone'],
    ['tier', 'provisioned'],
    ['team', 'all'],
    ['tag.cost center', '42'],
    ['tag.team', 'Search'],
    ['tag.none', ''],
    ['tag.constructor', ''],
  ];

  it.each(cases)('%s is %s', (dimension, value) => {
    expect(valueReader(teams)(azure, dimension)).toBe(value);
  });

  it('is told for every dimension there is', () => {
    expect(cases.map(([name]) => name)).toEqual(expect.arrayContaining([...dimensionNames]));
    for (const name of dimensionNames) expect(dimensionMeaning(name)).not.toBe('');
  });

  it('is one of the closed values where there are such', () => {
    for (const name of dimensionNames) {
      const value = valueReader([])(azure, name);
      expect(dimensionValues(name) ?? [value]).toContain(value);
    }
  });

  it('is aws.bedrock for the provider on AWS', () => {
    expect(valueReader([])(identityRow({ id: 1 }), 'provider')).toBe('aws.bedrock');
  });
});

describe('the team', () => {
  const search: TeamRule = {
    kind: 'named',
    name: 'search',
    match: { deployment: ['search-*'], resource: ['aoai-west', 'AOAI-EAST'] },
  };
  const fromTag: TeamRule = { kind: 'tag', tag: 'team' };
  const cases: readonly (readonly [string, readonly TeamRule[], string])[] = [
    ['the tag where its rule comes first', [fromTag, search], 'Search'],
    ['the name where its rule comes first', [search, fromTag], 'search'],
    ['the next rule where a tag is not set', [{ kind: 'tag', tag: 'owner' }, search], 'search'],
    [
      'unassigned where one condition fails',
      [{ ...search, match: { ...search.match, tier: ['batch'] } }],
      'unassigned',
    ],
    ['unassigned without rules', [], 'unassigned'],
    ['told by a tag in a match', [{ ...search, match: { 'tag.cost center': ['4*'] } }], 'search'],
  ];

  it.each(cases)('is %s', (_name, teams, team) => {
    expect(valueReader(teams)(azure, 'team')).toBe(team);
  });

  it('can be filtered by', () => {
    const valueOf = valueReader([search]);
    expect(matches(azure, new Map([['team', ['sea*']]] as const), valueOf)).toBe(true);
    expect(matches(azure, new Map([['team', ['unassigned']]] as const), valueOf)).toBe(false);
  });
});

describe('a pattern', () => {
  it.each([
    ['openai/gpt-4.1-mini', 'openai/*', true],
    ['openai/gpt-4.1-mini', 'OpenAI/GPT-4.1-mini', true],
    ['openai/gpt-4.1-mini', 'openai/gpt-4.1', false],
    ['', '*', true],
    ['', '', true],
    ['x', '', false],
    ['openai', 'openai*', true],
    ['a.b', 'a?b', false],
  ])('%s against %s: %s', (value, pattern, holds) => {
    expect(matchesAny(value, [pattern])).toBe(holds);
  });

  it('holds where any of several does, and conditions hold together', () => {
    const valueOf = valueReader([]);
    const both = filtersOf({ cloud: ['aws', 'azure'], region: ['eastus'] });
    expect(matches(azure, both, valueOf)).toBe(true);
    expect(matches({ ...azure, region: 'westus' }, both, valueOf)).toBe(false);
    expect(matches(azure, new Map([['cloud', []]] as const), valueOf)).toBe(false);
  });
});

it('a word is a dimension, a tag or neither', () => {
  expect(['model', 'tag.x', 'tag.', 'modle', 'constructor'].map(parseDimension)).toEqual([
    'model',
    'tag.x',
    undefined,
    undefined,
    undefined,
  ]);
});
