import type { Collector, Target } from '../core/collector.ts';
import type { Clock } from '../core/time.ts';
import type {
  CommitResult,
  CoverageReader,
  DiscoveryWriter,
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

export interface CollectDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly ledger: UsageWriter & DiscoveryWriter & CoverageReader & StatusWriter;
  readonly normalize: (
    request: CollectRequest,
    samples: readonly Sample[],
  ) => { readonly readings: readonly Readings[]; readonly rejections: readonly Rejection[] };
  readonly settings: CollectSettings;
  /** Shared by all sources, so that the newest windows of all of them come first. */
  readonly slots: Slots;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface CollectSettings extends DueSettings {
  /** From poll to poll. Seconds. */
  readonly everySeconds: number;
  /** From one listing of targets and meters to the next. Seconds. */
  readonly discoverySeconds: number;
}

/** Reads one window whole, normalizes and commits it. Throws ExternalError; then nothing was written. */
export async function collectWindow(
  deps: CollectDeps,
  collector: Collector,
  target: Target,
  due: DueWindow,
  signal: AbortSignal,
): Promise<CommitResult> {
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
      cost: collector.price(request),
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
  return result;
}
