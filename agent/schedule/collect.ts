import type { Collector, Target } from '../core/collector.ts';
import type { Clock, Instant } from '../core/time.ts';
import type {
  ApiCallReader,
  CommitResult,
  CoverageReader,
  DiscoveryWriter,
  RereadBook,
  StatusWriter,
  UsageWriter,
} from '../core/store.ts';
import type { Log } from '../core/log.ts';
import { isoUtc } from '../core/time.ts';
import type { Tracer } from '../core/tracer.ts';
import type { Readings, Rejection } from '../core/reading.ts';
import type { CollectRequest, Sample } from '../core/collector.ts';
import type { DueSettings, DueWindow } from './due.ts';
import type { Slots } from './slots.ts';
import type { SpendLimits } from './spend-limits.ts';

export interface CollectDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly ledger: UsageWriter &
    DiscoveryWriter &
    CoverageReader &
    StatusWriter &
    RereadBook &
    ApiCallReader;
  readonly normalize: (
    request: CollectRequest,
    samples: readonly Sample[],
  ) => { readonly readings: readonly Readings[]; readonly rejections: readonly Rejection[] };
  readonly settings: CollectSettings;
  /** Shared by all sources, so that the newest windows of all of them come first. */
  readonly slots: Slots;
  /** In [0, 1). */
  readonly random: () => number;
  /** What each source may spend a day; absent: as much as it takes. */
  readonly limits?: SpendLimits;
}

export interface CollectSettings extends DueSettings {
  /** From poll to poll. Seconds. */
  readonly everySeconds: number;
  /** From one listing of targets and meters to the next. Seconds. */
  readonly discoverySeconds: number;
  /** How often the last day is read again for what the cloud restated. Seconds; absent: six hours. */
  readonly rereadSeconds?: number;
}

/** A window that was read and committed. */
export interface Collected extends CommitResult {
  /** The end of the newest period with a point, by unit key; a unit that had none is not in it. */
  readonly newest: ReadonlyMap<string, Instant>;
}

/** Reads one window whole, normalizes and commits it. Throws ExternalError; then nothing was written. */
export async function collectWindow(
  deps: CollectDeps,
  collector: Collector,
  target: Target,
  due: DueWindow,
  signal: AbortSignal,
): Promise<Collected> {
  const request = { target, ...due };
  const asked = {
    'crossbill.cloud': target.cloud,
    'crossbill.target': target.id,
    'crossbill.window.start': isoUtc(due.window.start),
    'crossbill.window.end': isoUtc(due.window.end),
    'crossbill.period_seconds': due.periodSeconds,
    'crossbill.units': due.units.length,
  };
  const samples = await deps.tracer.span('crossbill.collect', asked, async (span) => {
    const collected = await collector.collect(request, signal);
    span.set({ 'crossbill.samples': collected.length });
    return collected;
  });
  signal.throwIfAborted();
  const { readings, rejections } = deps.normalize(request, samples);
  const result = await deps.tracer.span('crossbill.commit', {}, async (span) => {
    const committed = deps.ledger.commit({
      ...request,
      readAt: deps.clock.now(),
      readings,
      rejections,
    });
    span.set({
      'crossbill.readings_changed': committed.readingsChanged,
      'crossbill.usage_changed': committed.usageChanged,
      'crossbill.vanished': committed.vanished,
    });
    return committed;
  });
  if (rejections.length > 0) {
    deps.log.warn('samples rejected', { target: target.id, rejections });
  }
  return { ...result, newest: newestOf(samples, due.periodSeconds) };
}

function newestOf(samples: readonly Sample[], periodSeconds: number): ReadonlyMap<string, Instant> {
  const newest = new Map<string, Instant>();
  for (const { unitKey, starts } of samples) {
    for (const start of starts) {
      const end = start + periodSeconds * 1_000;
      if (end > (newest.get(unitKey) ?? Number.NEGATIVE_INFINITY)) newest.set(unitKey, end);
    }
  }
  return newest;
}
