import { expect, it } from 'vitest';
import { parseStep, roundStep, stepName, stepNames, steps } from '../../../agent/query/step.ts';

it.each([
  ['1m', 60_000],
  ['30s', 60_000],
  ['61s', 300_000],
  ['15m', 3_600_000],
  ['500ms', 60_000],
  ['2h', 86_400_000],
  ['1d', 86_400_000],
  ['7d', 86_400_000],
  ['1w', 86_400_000],
  ['300000', 300_000],
  ['total', 'total'],
])('%s is a bucket of %s ms', (text, step) => {
  expect(parseStep(text)).toBe(step);
});

it.each(['', '0', '0m', '1y', '-5m', '1.5h', 'Total', 'an hour', '1m ', '9'.repeat(20)])(
  '"%s" is no step',
  (text) => {
    expect(parseStep(text)).toBeUndefined();
  },
);

it('every step has a name that means it', () => {
  expect(steps.map(stepName)).toEqual(stepNames);
  expect(stepNames.map(parseStep)).toEqual(steps);
});

it('rounds to a step as it is', () => {
  expect([1, 60_000, 60_001, 3_600_000].map(roundStep)).toEqual([
    60_000, 60_000, 300_000, 3_600_000,
  ]);
});
