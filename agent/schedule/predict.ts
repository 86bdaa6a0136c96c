import type { Collector, CollectRequest, Target } from '../core/collector.ts';
import { dayMs, secondMs } from '../core/time.ts';
import type { CollectSettings } from './collect.ts';
import type { DueWindow } from './due.ts';
import { recentWindow } from './due.ts';
import { cutByUnits } from './pieces.ts';
import { rereadMsOf, rereadWindows } from './reread.ts';

/** What prices requests before they are made. */
export type Pricing = Pick<Collector, 'price' | 'priceListing'>;

export interface PredictedTarget {
  readonly target: string;
  readonly callsPerPoll: number;
  readonly costNanoUsdPerPoll: bigint;
  /** Polls and re-reads; listings belong to no target. */
  readonly callsPerDay: number;
  readonly costNanoUsdPerDay: bigint;
}

/** An upper bound of an ordinary day: every unit busy, listings and re-reads included, no history to fill. */
export interface PredictedDay {
  readonly callsPerDay: number;
  readonly costNanoUsdPerDay: bigint;
  readonly listings: { readonly callsPerDay: number; readonly costNanoUsdPerDay: bigint };
  readonly perTarget: readonly PredictedTarget[];
}

/** Any moment: what a request costs does not hang on when it is made. */
const someNow = 30 * dayMs;

/** What a day of one source's targets costs at list price, before anything is asked. Nano-dollars; fractions round up. */
export function predictDay(
  collector: Pricing,
  targets: readonly Target[],
  settings: CollectSettings,
): PredictedDay {
  const polls = dayMs / (settings.everySeconds * secondMs);
  const rereads = dayMs / rereadMsOf(settings);
  const perTarget = targets.map((target): PredictedTarget => {
    const poll = costOf(collector, target, pollOf(target, settings));
    const reread = costOf(collector, target, rereadWindows(target, someNow, settings));
    return {
      target: target.id,
      callsPerPoll: poll.calls,
      costNanoUsdPerPoll: poll.costNanoUsd,
      callsPerDay: Math.ceil(poll.calls * polls + reread.calls * rereads),
      costNanoUsdPerDay: times(poll.costNanoUsd, polls) + times(reread.costNanoUsd, rereads),
    };
  });
  const listing = collector.priceListing(targets);
  const perDay = dayMs / (settings.discoverySeconds * secondMs);
  const listings = {
    callsPerDay: Math.ceil(listing.calls * perDay),
    costNanoUsdPerDay: times(listing.costNanoUsd, perDay),
  };
  return {
    callsPerDay: perTarget.reduce((sum, one) => sum + one.callsPerDay, listings.callsPerDay),
    costNanoUsdPerDay: perTarget.reduce(
      (sum, one) => sum + one.costNanoUsdPerDay,
      listings.costNanoUsdPerDay,
    ),
    listings,
    perTarget,
  };
}

interface Cost {
  readonly calls: number;
  readonly costNanoUsd: bigint;
}

/** What reading these windows costs. */
export function costOf(
  collector: Pick<Collector, 'price'>,
  target: Target,
  windows: readonly DueWindow[],
): Cost {
  let calls = 0;
  let costNanoUsd = 0n;
  for (const { window, periodSeconds, units } of windows) {
    const request: CollectRequest = { target, units, window, periodSeconds };
    const price = collector.price(request);
    calls += price.calls;
    costNanoUsd += price.costNanoUsd;
  }
  return { calls, costNanoUsd };
}

function pollOf(target: Target, settings: CollectSettings): readonly DueWindow[] {
  if (target.units.length === 0) return [];
  return cutByUnits(target, recentWindow(target, someNow, settings));
}

/** Rounded up to whole nano-dollars. */
export function times(nanoUsd: bigint, factor: number): bigint {
  const millionths = BigInt(Math.ceil(factor * 1_000_000));
  return (nanoUsd * millionths + 999_999n) / 1_000_000n;
}
