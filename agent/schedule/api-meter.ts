import type { ApiCall, ApiMeter } from '../core/api-call.ts';
import { ExternalError } from '../core/errors.ts';
import type { ApiCallReader, ApiCallWriter } from '../core/store.ts';
import type { Clock, Instant } from '../core/time.ts';
import { dayMs, floorTo } from '../core/time.ts';
import { createLane } from './lane.ts';
import type { Lane } from './lane.ts';
import type { SpendLimits } from './spend-limits.ts';
import { usdText } from './spend-limits.ts';

export interface MeterDeps {
  readonly clock: Clock;
  readonly ledger: ApiCallWriter & ApiCallReader;
  /** What each source may spend a day; absent: as much as it takes. */
  readonly limits?: SpendLimits;
  /** False: calls go as fast as they come. For clouds that are our own. */
  readonly paced?: boolean;
}

/**
 * Counts and prices every request before it is made, and lets it go no faster than its cloud likes. One for the whole
 * process: two sources may read the same account.
 */
export function createApiMeter({ clock, ledger, limits, paced = true }: MeterDeps): ApiMeter {
  const lanes = new Map<string, Lane>();

  function laneOf({ bucket, limit }: ApiCall): Lane | undefined {
    if (limit === undefined || !paced) return undefined;
    const key = `${bucket} ${limit.name}`;
    const lane = lanes.get(key) ?? createLane(limit, clock);
    lanes.set(key, lane);
    return lane;
  }

  return {
    async admit(call, signal) {
      signal.throwIfAborted();
      const ended = await laneOf(call)?.enter(call.points, signal);
      try {
        const at = clock.now();
        const limit = limits?.of(call.source);
        if (limit !== undefined && call.costNanoUsd > 0n) {
          const spent = ledger.apiSpent(call.source, at);
          if (spent + call.costNanoUsd > limit) throw limitReached(call, limit, at);
        }
        const { source, scope, operation, costNanoUsd, metrics } = call;
        ledger.recordApiCall({ source, scope, operation, costNanoUsd, metrics, at });
        return ended ?? (() => undefined);
      } catch (thrown) {
        ended?.();
        throw thrown;
      }
    },
  };
}

export function nextMidnight(now: Instant): Instant {
  return floorTo(now, dayMs) + dayMs;
}

function limitReached({ source, operation }: ApiCall, limit: bigint, now: Instant): ExternalError {
  return new ExternalError(
    `${operation}: not asked, for with it source ${source} would spend more than the ${usdText(limit)} it may spend today`,
    {
      reason: 'throttled',
      operation,
      hint: 'Reading goes on at midnight UTC and nothing is lost; raise api_spend_limit or poll.every to read sooner.',
      retryAfterMs: nextMidnight(now) - now,
      ofOwnLimit: true,
    },
  );
}
