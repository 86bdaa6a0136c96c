import { admitAll } from '../../../agent/core/api-call.ts';
import type { ApiMeter } from '../../../agent/core/api-call.ts';
import type {
  Collector,
  CollectRequest,
  Discovery,
  Target,
} from '../../../agent/core/collector.ts';
import type { Sample, ScopeFailure } from '../../../agent/core/collector.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { FailureReason } from '../../../agent/core/errors.ts';
import type { Clock, Instant } from '../../../agent/core/time.ts';
import { samplesOf, targetOf } from '../../support/ledger-world.ts';
import type { TrueSeries } from '../../support/ledger-world.ts';

/** One read a collector was asked for. */
export interface Asked extends CollectRequest {
  readonly at: Instant;
}

/**
 * A cloud whose answers a test may change while it runs. Every call takes a fifth of a second of the test's clock and
 * costs $0.00001 a series, each listing as much as one.
 */
export interface ScriptedCloud {
  readonly collector: Collector;
  /** What the next listing says, or throws. */
  listing: () => Discovery;
  /** Called before each answer: throws what the read shall fail with. */
  beforeAnswer: (request: CollectRequest) => void;
  /** How long a read takes. */
  readMs: number;
  readonly listings: Instant[];
  readonly asked: Asked[];
}

export function createScriptedCloud(
  clock: Clock,
  world: readonly TrueSeries[],
  listing: () => Discovery,
  meter: ApiMeter = admitAll,
): ScriptedCloud {
  const admit = (scope: string, operation: string, metrics: number, signal: AbortSignal) =>
    meter.admit(
      {
        source: 'aws',
        scope,
        operation,
        bucket: 'aws',
        costNanoUsd: BigInt(Math.max(1, metrics)) * 10_000n,
        metrics,
        points: 0,
      },
      signal,
    );

  const cloud: ScriptedCloud = {
    listing,
    beforeAnswer: () => undefined,
    readMs: 200,
    listings: [],
    asked: [],
    collector: {
      name: 'aws',
      cloud: 'aws',
      async discover(signal) {
        (await admit('aws', 'cloudwatch:ListMetrics', 0, signal))();
        cloud.listings.push(clock.now());
        await clock.sleep(200, signal);
        signal.throwIfAborted();
        return cloud.listing();
      },
      async collect(request, signal) {
        const { id } = request.target;
        (await admit(id, 'cloudwatch:GetMetricData', request.units.length, signal))();
        cloud.asked.push({ ...request, at: clock.now() });
        await clock.sleep(cloud.readMs, signal);
        signal.throwIfAborted();
        cloud.beforeAnswer(request);
        return samplesAsked(world, request);
      },
      price: ({ units }) => ({
        operation: 'cloudwatch:GetMetricData',
        calls: 1,
        costNanoUsd: BigInt(units.length) * 10_000n,
      }),
      priceListing: () => ({ operation: 'cloudwatch:ListMetrics', calls: 1, costNanoUsd: 10_000n }),
      probe: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    },
  };
  return cloud;
}

function samplesAsked(world: readonly TrueSeries[], request: CollectRequest): readonly Sample[] {
  const asked = new Set(request.units.map((unit) => unit.key));
  return samplesOf(world, request.window, request.periodSeconds).filter((sample) =>
    asked.has(sample.unitKey),
  );
}

/** A series of one token in every minute of ten days. */
export function steady(model: string, rowId = 'in'): TrueSeries {
  return {
    rowId,
    dimensions: { ModelId: model },
    values: Array.from({ length: 10 * 24 * 60 }, () => 1),
  };
}

/** Of which region each target is and what it measures. */
export type Regions = Readonly<Record<string, readonly TrueSeries[]>>;

export function scopeOf(region: string): string {
  return `aws/111122223333/${region}`;
}

export function targetIn(region: string, world: readonly TrueSeries[]): Target {
  return targetOf(world, region);
}

/** A listing that looked at `scopes` in full and found `regions` in them. */
export function listed(
  regions: Regions,
  change: {
    readonly scopes?: readonly string[];
    readonly failures?: readonly ScopeFailure[];
    readonly rememberUnits?: boolean;
  } = {},
): Discovery {
  const { failures = [], rememberUnits = true } = change;
  return {
    scopes: change.scopes ?? Object.keys(regions).map(scopeOf),
    targets: Object.entries(regions).map(([region, world]) => ({
      ...targetIn(region, world),
      rememberUnits,
    })),
    inventory: [],
    failures,
  };
}

export function failure(reason: FailureReason, retryAfterMs?: number): ExternalError {
  return new ExternalError(`${reason} by the script`, {
    reason,
    operation: 'cloudwatch:GetMetricData',
    hint: `What to do about ${reason}.`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
