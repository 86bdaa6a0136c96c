import { setMaxListeners } from 'node:events';
import type { Collector } from './core/collector.ts';
import type { Log } from './core/log.ts';
import type { Ledger, LedgerRetention } from './core/store.ts';
import type { Clock } from './core/time.ts';
import type { Tracer } from './core/tracer.ts';
import { normalize } from './normalize/normalize.ts';
import type { CollectSettings } from './schedule/collect.ts';
import type { SpendLimits } from './schedule/spend-limits.ts';
import { createSlots } from './schedule/slots.ts';
import { createSourceLoop } from './schedule/source-loop.ts';
import { runAgeing } from './upkeep/ageing-loop.ts';
import { runGiveBack } from './upkeep/give-back-loop.ts';
import type { ProcessMemory } from './upkeep/give-back-loop.ts';
import { runPriceUpdates } from './upkeep/price-loop.ts';
import type { PriceLoopDeps } from './upkeep/price-loop.ts';

export interface AppDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly ledger: Ledger;
  readonly collectors: readonly Collector[];
  readonly settings: CollectSettings;
  readonly retention: LedgerRetention;
  readonly random: () => number;
  /** What each source may spend a day on its own calls. */
  readonly limits?: SpendLimits;
  /** What the daily update of prices works with, where it is wanted. */
  readonly prices?: PriceLoopDeps | undefined;
  /** The process's own, where it is to be kept small. */
  readonly memory?: ProcessMemory | undefined;
}

/** The agent's loops as a value. It listens to nothing and reads no configuration. */
export interface App {
  start(): void;
  /** What has neither been read nor failed with a reason yet; empty when the agent is ready. */
  waitingFor(): readonly string[];
  /** Resolves when every loop has stopped and every collector is closed. */
  stop(): Promise<void>;
}

/** Windows that are read at the same time over all sources. */
const windowsAtOnce = 4;

export function createApp(deps: AppDeps): App {
  const stop = new AbortController();
  // Every target and every call under way hears it: their number says nothing of a leak.
  setMaxListeners(0, stop.signal);
  const slots = createSlots(windowsAtOnce);
  const loops = deps.collectors.map((collector) =>
    createSourceLoop({ ...deps, normalize, slots }, collector),
  );
  let running: Promise<unknown> = Promise.resolve();
  return {
    start() {
      const collecting = loops.map((loop) => loop.run(stop.signal));
      const { clock, memory, prices } = deps;
      running = Promise.all([
        ...collecting,
        runAgeing(deps, stop.signal),
        prices && runPriceUpdates(prices, stop.signal),
        memory && runGiveBack({ clock, memory }, stop.signal),
      ]);
    },
    waitingFor: () => loops.flatMap((loop) => loop.waitingFor() ?? [loop.name]),
    async stop() {
      stop.abort();
      await running;
      await Promise.all(deps.collectors.map((collector) => collector.close()));
    },
  };
}
