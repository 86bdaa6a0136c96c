import { toUsd } from '../../core/money.ts';
import { heldAgainst } from './condition.ts';
import type { Evaluate } from './evaluator.ts';
import type { Finding } from './rule.ts';
import { noData } from './threshold.ts';
import { countText, percentText, usdText } from './words.ts';

/** What the agent's own calls of a source cost since midnight UTC, of what they may cost a day. One series a source. */
export const apiSpend: Evaluate = async (_rule, threshold, reads) => {
  const { now, deps } = reads;
  const sums = await reads.apiCalls();
  return deps.sources.map((source): Finding => {
    const limit = deps.spendLimitOf(source);
    if (limit === undefined || limit <= 0n) {
      return noData({ source }, threshold, now, `${source}: no spend limit is known yet`);
    }
    const own = sums.filter((sum) => sum.source === source);
    const spent = toUsd(own.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0n));
    const calls = own.reduce((sum, one) => sum + one.calls, 0);
    const ratio = spent / toUsd(limit);
    return {
      series: { source },
      ...heldAgainst(ratio, threshold),
      value: ratio,
      threshold,
      dataUntil: now,
      summary:
        `${source}: ${usdText(spent)} of ${usdText(toUsd(limit))} spent on its own calls today ` +
        `(${percentText(ratio)}, limit ${percentText(threshold)}; ${countText(calls)} calls). At the limit nothing ` +
        'is read until midnight UTC; raise api_spend_limit or poll.every',
    };
  });
};
