import { expect, test } from 'vitest';
import type { AlertUnit } from '../../../agent/core/alert.ts';
import { certaintyText, figureText, standingText } from '../../../exporters/webhook/figures.ts';
import { alertSample } from '../../support/alert-samples.ts';

test.each<[number, AlertUnit, string]>([
  [455, 'usd', '$455'],
  [12_345.6, 'usd', '$12,346'],
  [45.5, 'usd', '$45.50'],
  [0, 'usd', '$0.00'],
  [0.000_012_3, 'usd', '$0.000012'],
  [-250, 'usd', '-$250'],
  [950, 'tokens', '950 tokens'],
  [12_300, 'tokens', '12.3k tokens'],
  [2_100_000_000, 'tokens', '2.1B tokens'],
  [0.0234, 'ratio', '2.3%'],
  [0.91, 'ratio', '91%'],
  [90, 'seconds', '90 s'],
  [2_100, 'seconds', '35 min'],
  [7_200, 'seconds', '2 h'],
  [259_200, 'seconds', '3 days'],
  [1_240, 'milliseconds', '1,240 ms'],
  [12_400, 'milliseconds', '12.4 s'],
  [3.24, 'factor', '3.2×'],
])('%d %s is said as %s', (value, unit, text) => {
  expect(figureText(value, unit)).toBe(text);
});

test('how it stands: value, threshold, and nothing where there is no value', () => {
  expect(standingText(alertSample())).toBe('now $455, threshold $450');
  expect(standingText(alertSample({ threshold: null }))).toBe('now $455');
  expect(standingText(alertSample({ endedAt: 1, threshold: null }))).toBe('last $455');
  expect(standingText(alertSample({ value: null }))).toBeUndefined();
});

test.each([
  [{ certainty: 'provisional' }, /^provisional: .*may still change/],
  [{ certainty: 'settled' }, /^settled/],
  [{ certainty: 'calibrated' }, /^calibrated/],
  [{ certainty: 'billed' }, /^from the bill$/],
  [{ incomplete: true }, /incomplete: .* at least this much/],
  [{ noData: true }, /no data at present/],
] as const)('%j is said', (change, text) => {
  expect(certaintyText(alertSample(change))).toMatch(text);
});
