import { minuteMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import type { Evaluate } from './evaluator.ts';
import { recentMs } from './recent.ts';
import type { Rule } from './rule.ts';
import { busiest } from './series.ts';
import { noData, thresholdFinding } from './threshold.ts';
import { countText, percentText, seriesText, timeText } from './words.ts';

/** Where the rule does not say `min_requests`: one failure of three is no rate. */
const leastRequests = 20;

/** Failed requests of the accepted ones, over the last ten settled minutes. */
export const errorRatio: Evaluate = async (rule, threshold, reads) => {
  const least = leastRequestsOf(rule);
  const when = lastMinutes(reads.now);
  const series = await reads.recent(rule.by);
  const { kept, told } = busiest(series, (one) => one.requests ?? 0);
  return kept.map((one) => {
    const { labels, until, errors } = one;
    const requests = one.requests ?? 0;
    if (until !== null && (one.requests === null || errors === null)) {
      return noData(labels, threshold, reads.now, 'no meter tells failed requests');
    }
    return thresholdFinding({
      labels,
      standing: one,
      value: errors === null || requests === 0 ? null : errors / requests,
      requests,
      threshold,
      least,
      says: (ratio) =>
        `${percentText(ratio)} of ${countText(requests)} requests failed (limit ` +
        `${percentText(threshold)}): ${seriesText(labels)}; ${when(until)}`,
      description: told,
      now: reads.now,
    });
  });
};

export function leastRequestsOf({ minRequests }: Rule): number {
  return minRequests ?? leastRequests;
}

/** Says `10 min to 09:40 UTC`, each moment once: most series end at the same one. */
export function lastMinutes(now: Instant): (until: Instant | null) => string {
  const said = new Map<Instant, string>();
  return (until) => {
    const end = until ?? now;
    const text = said.get(end) ?? `${recentMs / minuteMs} min to ${timeText(end, now)} UTC`;
    said.set(end, text);
    return text;
  };
}
