import type { Phase } from '../../core/meter.ts';
import { lastMinutes, leastRequestsOf } from './error-ratio.ts';
import type { Evaluate } from './evaluator.ts';
import { busiest } from './series.ts';
import { noData, thresholdFinding } from './threshold.ts';
import { countText, seriesText } from './words.ts';

/**
 * The mean over the last ten settled minutes, weighted by requests. It is a mean and no percentile: percentiles of several
 * minutes or series cannot be merged, so none is held against a threshold.
 */
function meanAbove(phase: Phase, what: string): Evaluate {
  return async (rule, threshold, reads) => {
    const least = leastRequestsOf(rule);
    const when = lastMinutes(reads.now);
    const series = await reads.latency(rule.by, phase);
    const { kept, told } = busiest(series, ({ requests }) => requests);
    const mean = 'The mean of all requests, weighted by them; percentiles are never merged.';
    return kept.map((one) => {
      const { labels, until, requests, avgMs } = one;
      const isMeasured = avgMs !== null || one.isQuiet;
      if (until !== null && !isMeasured) {
        return noData(labels, threshold, reads.now, `no meter tells the time to the ${what}`);
      }
      return thresholdFinding({
        labels,
        standing: one,
        value: avgMs,
        requests,
        threshold,
        least,
        says: (ms) =>
          `mean ${countText(ms)} ms to the ${what} (limit ${countText(threshold)} ms) of ` +
          `${countText(requests)} requests: ${seriesText(labels)}; ${when(until)}`,
        description: told === undefined ? mean : `${mean} ${told}`,
        now: reads.now,
      });
    });
  };
}

/** From the request to its last token. */
export const latencyMs = meanAbove('request', 'last token');

/** From the request to its first token. */
export const firstTokenMs = meanAbove('first_token', 'first token');
