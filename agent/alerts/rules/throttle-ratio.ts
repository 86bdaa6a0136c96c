import type { Evaluate } from './evaluator.ts';
import { leastRequestsOf, lastMinutes } from './error-ratio.ts';
import { busiest } from './series.ts';
import { noData, thresholdFinding } from './threshold.ts';
import { countText, percentText, seriesText } from './words.ts';

/**
 * Throttled requests of all that were sent, over the last ten settled minutes. Traffic without a meter of throttled
 * requests (Bedrock's Mantle endpoint) is in neither number; a series of nothing else has no data.
 */
export const throttleRatio: Evaluate = async (rule, threshold, reads) => {
  const least = leastRequestsOf(rule);
  const when = lastMinutes(reads.now);
  const series = await reads.recent(rule.by);
  const { kept, told } = busiest(series, (one) => (one.requests ?? 0) + (one.throttles ?? 0));
  return kept.map((one) => {
    const { labels, until, throttles, throttlable, tellsThrottles } = one;
    if (!tellsThrottles) {
      return noData(labels, threshold, reads.now, 'no meter tells throttled requests');
    }
    const sent = throttlable + (throttles ?? 0);
    return thresholdFinding({
      labels,
      standing: one,
      value: throttles === null || sent === 0 ? null : throttles / sent,
      requests: sent,
      threshold,
      least,
      says: (ratio) =>
        `${percentText(ratio)} of ${countText(sent)} requests throttled (limit ` +
        `${percentText(threshold)}): ${seriesText(labels)}; ${when(until)}`,
      description: told,
      now: reads.now,
    });
  });
};
