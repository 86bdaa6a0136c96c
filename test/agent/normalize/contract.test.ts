import { describe, expect, it } from 'vitest';
import type { Contract } from '../../../agent/core/meter.ts';
import type { Amounts } from '../../../agent/core/usage.ts';
import { amountsOf, contractBasis, inputKind } from '../../../agent/normalize/contract.ts';
import type { ContractSwitches, MeterSums } from '../../../agent/normalize/contract.ts';

const usual: ContractSwitches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' };
const beside: ContractSwitches = { ...usual, openaiInputIncludesCached: false };
const successful: ContractSwitches = { ...usual, bedrockInvocations: 'successful' };

const both = { read: true, write: true };
const readOnly = { read: true, write: false };
const writeOnly = { read: false, write: true };
const neither = { read: false, write: false };

/** Only the amounts that are told. */
function told(amounts: Amounts): Partial<Amounts> {
  return Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== null));
}

describe('how an input meter reads', () => {
  const cases: readonly [
    string,
    ContractSwitches,
    Contract | undefined,
    boolean,
    string,
    string,
  ][] = [
    ['OpenAI’s with a cache meter', usual, 'input_by_family', true, 'openai', 'inclusive'],
    ['OpenAI’s without one', usual, 'input_by_family', false, 'openai', 'unsplit'],
    [
      'OpenAI’s with one, the switch says outside',
      beside,
      'input_by_family',
      true,
      'openai',
      'exclusive',
    ],
    [
      'OpenAI’s without one, the switch says outside',
      beside,
      'input_by_family',
      false,
      'openai',
      'exclusive',
    ],
    ['Anthropic’s with a cache meter', usual, 'input_by_family', true, 'anthropic', 'exclusive'],
    ['Anthropic’s without one', usual, 'input_by_family', false, 'anthropic', 'exclusive'],
    ['Nova’s', usual, 'input_by_family', false, 'amazon-nova', 'exclusive'],
    [
      'Titan’s, which has no cache at all',
      usual,
      'input_by_family',
      false,
      'amazon-titan',
      'exclusive',
    ],
    [
      'another family’s with a cache meter',
      usual,
      'input_by_family',
      true,
      'deepseek',
      'exclusive',
    ],
    ['another family’s without one', usual, 'input_by_family', false, 'deepseek', 'unsplit'],
    ['an unknown model’s without one', usual, 'input_by_family', false, 'unknown', 'unsplit'],
    ['of which nobody knows a contract', usual, undefined, false, 'openai', 'unsplit'],
    [
      'documented to exclude, whatever the family',
      usual,
      'input_excludes_cached',
      true,
      'openai',
      'exclusive',
    ],
    [
      'documented to include, whatever the family',
      usual,
      'input_includes_cached',
      true,
      'anthropic',
      'inclusive',
    ],
    [
      'documented to include, whatever the switch',
      beside,
      'input_includes_cached',
      true,
      'openai',
      'inclusive',
    ],
    [
      'documented to include, with no cache meter',
      usual,
      'input_includes_cached',
      false,
      'anthropic',
      'unsplit',
    ],
  ];
  it.each(cases)('%s', (_what, switches, contract, hasRead, family, kind) => {
    expect(inputKind(switches, contract, hasRead, family)).toBe(kind);
  });
});

describe('what decides how an input meter reads', () => {
  it.each([
    ['input_includes_cached', 'openai', 'documented'],
    ['input_excludes_cached', 'meta', 'documented'],
    ['input_by_family', 'anthropic', 'documented'],
    ['input_by_family', 'amazon-titan', 'documented'],
    ['input_by_family', 'openai', 'switch'],
    ['input_by_family', 'meta', 'meters'],
    [undefined, 'openai', 'switch'],
  ] as const)('%s of %s: %s', (contract, family, basis) => {
    expect(contractBasis(contract, family)).toBe(basis);
  });
});

describe('token types are a partition', () => {
  const byFamily = { contracts: { input: 'input_by_family' } } as const;
  const cases: readonly [
    string,
    ContractSwitches,
    Omit<MeterSums, 'contracts'>,
    typeof both,
    string,
    Partial<Amounts>,
  ][] = [
    [
      'cached tokens inside the input are taken out of it',
      usual,
      { input: 100, cache_read: 30, cache_write: 20, output: 7 },
      both,
      'openai',
      { input: 50, cacheRead: 30, cacheWrite: 20, output: 7 },
    ],
    [
      'cached tokens beside the input leave it as it is',
      usual,
      { input: 100, cache_read: 30, cache_write: 20, output: 7 },
      both,
      'anthropic',
      { input: 100, cacheRead: 30, cacheWrite: 20, output: 7 },
    ],
    [
      'the switch puts OpenAI’s beside too',
      beside,
      { input: 100, cache_read: 300, cache_write: 20 },
      both,
      'openai',
      { input: 100, cacheRead: 300, cacheWrite: 20 },
    ],
    [
      'an input that is all cached is zero, not unknown',
      usual,
      { input: 50, cache_read: 30, cache_write: 20 },
      both,
      'openai',
      { input: 0, cacheRead: 30, cacheWrite: 20 },
    ],
    [
      'a cache meter that is known and silent says zero',
      usual,
      { input: 100 },
      both,
      'openai',
      { input: 100, cacheRead: 0, cacheWrite: 0 },
    ],
    [
      'a cache meter that is not known says nothing, and the input may hold cached tokens',
      usual,
      { input: 100, output: 7 },
      neither,
      'openai',
      { unsplitInput: 100, output: 7 },
    ],
    [
      'with no meter of what was written, what was read is taken out',
      usual,
      { input: 100, cache_read: 30 },
      readOnly,
      'openai',
      { input: 70, cacheRead: 30 },
    ],
    [
      'with no meter of what was read, what was written is taken out and the rest stays unsplit',
      usual,
      { input: 100, cache_write: 20 },
      writeOnly,
      'openai',
      { unsplitInput: 80, cacheWrite: 20 },
    ],
    [
      'with no meter of what was read, what lies beside the input stays beside',
      usual,
      { input: 100, cache_write: 20 },
      writeOnly,
      'anthropic',
      { input: 100, cacheWrite: 20 },
    ],
    [
      'a family without a cache is input through and through',
      usual,
      { input: 100 },
      neither,
      'amazon-titan',
      { input: 100 },
    ],
    [
      'output alone says nothing of input',
      usual,
      { output: 7 },
      both,
      'openai',
      { output: 7, cacheRead: 0, cacheWrite: 0 },
    ],
    [
      'cached tokens beside an input that is silent are told alone',
      usual,
      { cache_read: 30 },
      both,
      'anthropic',
      { cacheRead: 30, cacheWrite: 0 },
    ],
  ];
  it.each(cases)('%s', (_what, switches, sums, meters, family, expected) => {
    const { amounts, violation } = amountsOf(switches, { ...sums, ...byFamily }, meters, family);
    expect(told(amounts)).toEqual(expected);
    expect(violation).toBe(false);
  });

  it.each([
    ['more read than came in', { input: 100, cache_read: 101 }, both, 100],
    [
      'more read and written together than came in',
      { input: 100, cache_read: 60, cache_write: 41 },
      both,
      100,
    ],
    ['read where nothing came in', { cache_read: 5 }, both, 0],
    ['written where nothing came in', { cache_write: 5 }, both, 0],
    [
      'more written than came in, with no meter of what was read',
      { input: 4, cache_write: 5 },
      writeOnly,
      4,
    ],
  ])(
    '%s is a violation: the whole stays unsplit, nothing is clamped or told twice',
    (_w, sums, meters, whole) => {
      const { amounts, violation } = amountsOf(usual, { ...sums, ...byFamily }, meters, 'openai');
      expect(violation).toBe(true);
      expect(told(amounts)).toEqual({ unsplitInput: whole });
    },
  );
});

describe('requests, errors and throttles', () => {
  type Requests = Partial<Pick<Amounts, 'requests' | 'errors' | 'throttles'>>;
  const bedrock = {
    accepted: 'requests_accepted',
    client_error: 'plain',
    server_error: 'plain',
  } as const;
  const azure = {
    accepted: 'requests_by_status',
    client_error: 'requests_by_status',
    server_error: 'requests_by_status',
  } as const;
  const cases: readonly [string, ContractSwitches, MeterSums, Requests][] = [
    [
      'Bedrock’s invocations hold the failed ones',
      usual,
      { accepted: 10, client_error: 2, server_error: 1, contracts: bedrock },
      { requests: 10, errors: 3 },
    ],
    [
      'unless the switch says that they count successes: then the failed ones come on top',
      successful,
      { accepted: 10, client_error: 2, server_error: 1, contracts: bedrock },
      { requests: 13, errors: 3 },
    ],
    [
      'with it, a minute of failures only has that many requests',
      successful,
      { server_error: 5, contracts: { server_error: 'plain' } },
      { requests: 5, errors: 5 },
    ],
    [
      'without it, failures only say nothing of requests',
      usual,
      { server_error: 5, contracts: { server_error: 'plain' } },
      { errors: 5 },
    ],
    [
      'throttled requests stand apart from both',
      successful,
      { accepted: 10, throttled: 4, contracts: bedrock },
      { requests: 10, throttles: 4 },
    ],
    [
      'Azure’s count by status: failed ones are requests too, throttled ones are not',
      usual,
      { accepted: 10, client_error: 2, server_error: 1, throttled: 4, contracts: azure },
      { requests: 13, errors: 3, throttles: 4 },
    ],
    [
      'Azure’s failures alone are that many requests',
      usual,
      { client_error: 2, contracts: { client_error: 'requests_by_status' } },
      { requests: 2, errors: 2 },
    ],
    [
      'and Azure’s server errors alone as well',
      usual,
      { server_error: 2, contracts: { server_error: 'requests_by_status' } },
      { requests: 2, errors: 2 },
    ],
    [
      'throttles alone are no requests, on either cloud',
      successful,
      { throttled: 4, contracts: { throttled: 'requests_by_status' } },
      { throttles: 4 },
    ],
    [
      'a count that stands for itself is left alone',
      successful,
      { accepted: 9, client_error: 1, contracts: { accepted: 'plain' } },
      { requests: 9, errors: 1 },
    ],
    [
      'no failure meter is no error count',
      usual,
      { accepted: 10, contracts: bedrock },
      { requests: 10 },
    ],
  ];
  it.each(cases)('%s', (_what, switches, sums, expected) => {
    const { amounts } = amountsOf(switches, sums, neither, 'openai');
    expect(told(amounts)).toEqual(expected);
  });
});
