import type { BillCollector } from '../core/bill.ts';
import type { Cloud, Collector } from '../core/collector.ts';
import type { Permission } from '../core/permission.ts';
import { untried } from '../core/permission.ts';
import type { Clock } from '../core/time.ts';
import type { SourceConfig } from '../config/sources.ts';

/** A source with what reads it. */
export interface OpenSource {
  readonly config: SourceConfig;
  readonly collector: Collector;
  /** Where its bills are asked for. */
  readonly bills?: BillCollector | undefined;
}

/** What one source may do. */
export interface SourceRights {
  readonly source: string;
  readonly cloud: Cloud;
  readonly permissions: readonly Permission[];
}

/** Tries every right of every source beside one another; after `withinMs` what is left is said to be untried. */
export async function tryRights(
  sources: readonly OpenSource[],
  clock: Clock,
  withinMs: number,
  signal: AbortSignal,
): Promise<readonly SourceRights[]> {
  const late = limitTime(clock, withinMs, signal);
  try {
    return await Promise.all(
      sources.map(async ({ config, collector, bills }) => {
        const probes = [collector, ...(bills === undefined ? [] : [bills])];
        const tried = await Promise.all(probes.map((one) => one.probe(late.signal)));
        const permissions = [...tried.flat(), ...notCollected(config)];
        return { source: config.name, cloud: collector.cloud, permissions };
      }),
    );
  } finally {
    late.done();
  }
}

/** A signal that aborts with another one, or after so long on this clock. */
export function limitTime(clock: Clock, ms: number, outer: AbortSignal) {
  const over = new AbortController();
  const done = new AbortController();
  const wait = async () => {
    await clock.sleep(ms, AbortSignal.any([outer, done.signal]));
    if (!done.signal.aborted) over.abort();
  };
  void wait();
  return { signal: over.signal, done: () => done.abort() };
}

/** Whether something that the source needs is missing, or was not found out for want of an answer. */
export function isMissing({ state, untried: why }: Permission): boolean {
  return state === 'denied' || state === 'failed' || why === 'out_of_time';
}

function notCollected({ collect }: SourceConfig): readonly Permission[] {
  return (['quotas'] as const)
    .filter((feature) => collect.includes(feature))
    .map((feature) =>
      untried({ account: '', place: '', feature, operation: feature }, 'not_collected'),
    );
}
