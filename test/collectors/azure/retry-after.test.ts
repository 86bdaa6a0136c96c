import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../collectors/azure/retry-after.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const words = "exceeded the limit of '400'. Please try again after '309' seconds.";
const cases: readonly [string, Record<string, string>, string, number | undefined][] = [
  ['seconds', { 'retry-after': '120' }, '', 120_000],
  ['no time at all', { 'retry-after': '0' }, '', 0],
  ['a date', { 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT' }, '', 30_000],
  ['a date gone by', { 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, '', 0],
  ['milliseconds', { 'retry-after-ms': '1500' }, '', 1_500],
  ['milliseconds of Azure’s own', { 'x-ms-retry-after-ms': '250' }, '', 250],
  [
    'both, of which the exact one counts',
    { 'retry-after': '2', 'retry-after-ms': '1500' },
    '',
    1_500,
  ],
  ['words', {}, words, 309_000],
  ['a header and words, of which the header counts', { 'retry-after': '5' }, words, 5_000],
  ['a header that says nothing', { 'retry-after': 'soon' }, '', undefined],
  ['an empty header and words', { 'retry-after': '' }, words, 309_000],
  ['a negative number', { 'retry-after-ms': '-5' }, '', undefined],
  ['nothing', {}, 'Too many requests. Please retry.', undefined],
];

describe('how long an answer asks to wait', () => {
  it.each(cases)('%s', (_name, headers, text, wait) => {
    expect(retryAfterMs((name) => headers[name], text, now)).toBe(wait);
  });
});
