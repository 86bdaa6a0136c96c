import fc from 'fast-check';
import { expect, it } from 'vitest';
import { explainCost } from '../../../agent/pricing/cost-lines.ts';
import { divideHalfUp } from '../../../agent/core/money.ts';
import { createRate } from '../../../agent/pricing/rate.ts';
import { anyAmounts, anyCard, anyEvidence } from './any-card.ts';

const rate = createRate();

it('a cost line by line is the rated one, and its lines add up to it', () => {
  fc.assert(
    fc.property(anyCard, anyAmounts, anyEvidence, (card, amounts, evidence) => {
      const { lines, rated, reasons } = explainCost(card, amounts, evidence);
      expect(rated).toEqual(rate(card, amounts, evidence));
      const priced = lines.flatMap(({ tokens, rate: range }) => (range ? [{ tokens, range }] : []));
      for (const bound of ['low', 'best', 'high'] as const) {
        const sum = priced.reduce((all, one) => all + BigInt(one.tokens) * one.range[bound], 0n);
        const own = { low: rated.low, best: rated.cost, high: rated.high }[bound];
        expect(own).toBe(priced.length === 0 ? null : divideHalfUp(sum, 1_000_000n));
      }
      expect(reasons.length > 0 || rated.low === rated.high).toBe(true);
    }),
  );
});
