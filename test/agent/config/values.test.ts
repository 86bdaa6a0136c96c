import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopback, isLoopbackUrl, parseListen } from '../../../agent/config/addresses.ts';
import { parseNano } from '../../../agent/config/amounts.ts';

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['localhost', true],
    ['LOCALHOST', true],
    ['cloud.localhost', true],
    ['::1', true],
    ['[::1]', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['127.example', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });

  it.each([
    ['http://127.1:80/x', true, 'a short spelling of 127.0.0.1'],
    ['http://2130706433', true, 'the same as a number'],
    ['http://127.0.0.1@example.com', false, 'a user that looks like a host'],
    ['http://example.com/127.0.0.1', false, 'a path that looks like a host'],
    ['ftp://127.0.0.1', false, 'another protocol'],
  ])('%s: %s, %s', (url, expected) => {
    expect(isLoopbackUrl(url)).toBe(expected);
  });
});

describe('parseListen', () => {
  it.each([
    ['127.0.0.1:9870', { host: '127.0.0.1', port: 9870 }],
    ['[::]:443', { host: '::', port: 443 }],
    ['node-1.internal:0', { host: 'node-1.internal', port: 0 }],
    [':9870', undefined],
    ['9870', undefined],
    ['::1:9870', undefined],
    ['localhost:65536', undefined],
    ['http://localhost:9870', undefined],
  ])('%s', (text, expected) => {
    expect(parseListen(text)).toEqual(expected);
  });
});

describe('parseNano', () => {
  it.each([
    ['500', 500_000_000_000n],
    ['1.09', 1_090_000_000n],
    ['0.000000001', 1n],
    ['999999999999999', 999_999_999_999_999_000_000_000n],
    ['0', undefined],
    ['0.0000000001', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['1,000', undefined],
    ['.5', undefined],
    ['', undefined],
  ])('%s', (text, expected) => {
    expect(parseNano(text)).toBe(expected);
  });

  it('is exact: what it reads is the digits that were written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 24n - 1n }), (nano) => {
        const digits = nano.toString().padStart(10, '0');
        expect(parseNano(`${digits.slice(0, -9)}.${digits.slice(-9)}`)).toBe(nano);
      }),
    );
  });
});
