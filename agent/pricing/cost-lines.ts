import type { ExplainCost } from '../core/evidence.ts';
import { exactTotal } from './rate.ts';
import { tokenAmounts } from '../core/usage.ts';
import { isShort, itemOf, ratesOf, reasonsOf } from './bounds.ts';

/** What `createRate` makes of a row, with every factor of it: the same sums, however large. */
export const explainCost: ExplainCost = (card, amounts, evidence) => {
  const { short, either } = ratesOf(card);
  const isBelow = isShort(card.thresholdTokens, amounts, evidence);
  const rates = isBelow ? short : either;
  const lines = tokenAmounts.flatMap((amount) => {
    const tokens = amounts[amount];
    return tokens === null ? [] : [{ amount, item: itemOf[amount], tokens, rate: rates[amount] }];
  });
  const isPriced = lines.some(({ rate }) => rate !== undefined);
  const unpriced = lines.filter(({ rate }) => rate === undefined);
  return {
    lines,
    band: card.thresholdTokens === null ? 'any' : isBelow ? 'short' : 'either',
    reasons: reasonsOf(card, amounts, evidence),
    rated: {
      cost: isPriced ? exactTotal(rates, 'best', amounts) : null,
      low: isPriced ? exactTotal(rates, 'low', amounts) : null,
      high: isPriced ? exactTotal(rates, 'high', amounts) : null,
      unpricedTokens: unpriced.reduce((sum, { tokens }) => sum + tokens, 0),
    },
  };
};
