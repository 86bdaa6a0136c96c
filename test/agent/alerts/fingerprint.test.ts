import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from '../../../agent/alerts/fingerprint.ts';

test.each([
  [
    {
      alertname: 'LLMBudgetThreshold',
      budget: 'prod-monthly',
      cloud_provider: 'aws',
      severity: 'warning',
    },
    '8f860b3d0c14f77c',
  ],
  [{ alertname: 'empty' }, 'ef5aa05097325321'],
  [{ budget: 'x' }, '565c291356b15f98'],
])('%j is what an Alertmanager calls it', (labels, fingerprint) => {
  expect(fingerprintOf(labels)).toBe(fingerprint);
});

test('sixteen digits, whatever the order of the labels', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), (labels) => {
      const print = fingerprintOf(labels);
      expect(print).toMatch(/^[\da-f]{16}$/);
      expect(fingerprintOf(Object.fromEntries(Object.entries(labels).toReversed()))).toBe(print);
    }),
  );
});
