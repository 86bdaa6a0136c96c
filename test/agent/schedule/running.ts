import type { Collector } from '../../../agent/core/collector.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { noTracer } from '../../../agent/core/tracer.ts';
import type { Ledger, TargetStatus } from '../../../agent/core/store.ts';
import { dayMs, hourMs, isoUtc, secondMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { normalize } from '../../../agent/normalize/normalize.ts';
import type { CollectDeps, CollectSettings } from '../../../agent/schedule/collect.ts';
import { createSlots } from '../../../agent/schedule/slots.ts';
import { createBreaker } from '../../../agent/schedule/breaker.ts';
import { createGovernor } from '../../../agent/schedule/governor.ts';
import type { SharedBySource } from '../../../agent/schedule/target-loop.ts';
import { createSourceLoop } from '../../../agent/schedule/source-loop.ts';
import type { SourceLoop } from '../../../agent/schedule/source-loop.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';
import type { Asked } from './scripted-cloud.ts';

/** Three days into the small world, ten seconds past the minute. */
export const opening = day0 + 3 * dayMs + 12 * hourMs + 10 * secondMs;

const pollSettings: CollectSettings = {
  everySeconds: 60,
  overlapSeconds: 1_800,
  backfillSeconds: 86_400,
  minuteRetentionSeconds: 15 * 86_400,
  discoverySeconds: 600,
};

export interface Workbench {
  readonly clock: FakeClock;
  readonly ledger: Ledger;
  readonly deps: CollectDeps;
  /** The ledger's word about one target or scope. */
  status(target: string): Promise<TargetStatus | undefined>;
}

/** All that a loop needs, with a real ledger in memory and a die that always shows the middle. */
export function createWorkbench(slots = 4): Workbench {
  const clock = createFakeClock(opening);
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = openLedger(':memory:', interpretation, opening);
  return {
    clock,
    ledger,
    deps: {
      clock,
      ledger,
      normalize,
      log: silentLog,
      tracer: noTracer,
      settings: pollSettings,
      slots: createSlots(slots),
      random: () => 0.5,
    },
    status: async (target) =>
      (await ledger.sources(clock.now())).find((one) => one.target === target),
  };
}

export interface RunningSource {
  readonly loop: SourceLoop;
  /** Aborts, waits for the loop without moving the clock, and closes the ledger. */
  stop(): Promise<void>;
}

export function runSource({ deps, clock, ledger }: Workbench, collector: Collector): RunningSource {
  const controller = new AbortController();
  const loop = createSourceLoop(deps, collector);
  const done = loop.run(controller.signal);
  return {
    loop,
    async stop() {
      controller.abort();
      await done;
      await clock.settle();
      ledger.close();
    },
  };
}

/** What the targets of a source share, for one that runs without its source. */
export function sharedOf(deps: CollectDeps, collector: Collector): SharedBySource {
  return { governor: createGovernor(deps, collector), breaker: createBreaker() };
}

/** `us-east-1 13 00:00–12:00`, one a read. */
export function told(asked: readonly Asked[]): readonly string[] {
  return asked.map(({ target, window }) => {
    const [start, end] = [isoUtc(window.start), isoUtc(window.end)];
    return `${target.region} ${start.slice(8, 10)} ${start.slice(11, 16)}–${end.slice(11, 16)}`;
  });
}
