import { heldAgainst } from './condition.ts';
import type { Evaluate } from './evaluator.ts';
import type { Finding } from './rule.ts';
import { busiest } from './series.ts';
import { noData } from './threshold.ts';
import { countText, plural, seriesText } from './words.ts';

/** Tokens of the last 24 whole settled hours that nobody knows the price of: they are in no cost and in no budget. */
export const unpricedTokens: Evaluate = async (rule, threshold, reads) => {
  const { kept, told } = busiest(await reads.day(rule.by), ({ unpriced }) => unpriced[0]?.[1] ?? 0);
  return kept.map(({ labels, standing, unpriced }): Finding => {
    const { until, certainty, incomplete } = standing;
    if (until === null) {
      return noData(labels, threshold, reads.now, 'no settled data for two hours');
    }
    const [first, ...more] = unpriced.map(([model]) => model);
    const tokens = unpriced.reduce((sum, [, count]) => sum + count, 0);
    const whose =
      first === undefined
        ? ''
        : `: ${first}${more.length === 0 ? '' : ` and ${plural(more.length, 'other model')}`}`;
    return {
      series: labels,
      ...heldAgainst(tokens, threshold),
      value: tokens,
      threshold,
      certainty,
      incomplete,
      dataUntil: until,
      summary:
        `${countText(tokens)} tokens of the last 24 h have no price${whose} (${seriesText(labels)}); ` +
        'no cost and no budget has them in it. Add a price to prices.file, or an alias to models.aliases',
      ...(told === undefined ? {} : { description: told }),
    };
  });
};
