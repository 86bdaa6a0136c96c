import { setMaxListeners } from 'node:events';
import type { AlertLoop } from './alerts/alert-loop.ts';
import type { DeliveryLoop } from './alerts/deliver.ts';
import { watchedLedger } from './alerts/watched-ledger.ts';
import type { BillCollector } from './core/bill.ts';
import type { Collector } from './core/collector.ts';
import type { Log } from './core/log.ts';
import type { Ledger, LedgerRetention } from './core/store.ts';
import type { Clock } from './core/time.ts';
import type { Tracer } from './core/tracer.ts';
import type { Pump } from './export/pump.ts';
import { normalize } from './normalize/normalize.ts';
import { billsBackSeconds } from './schedule/bill-due.ts';
import { createBillLoop, endBills } from './schedule/bill-loop.ts';
import type { CollectSettings } from './schedule/collect.ts';
import type { SpendLimits } from './schedule/spend-limits.ts';
import { createSlots } from './schedule/slots.ts';
import { createSourceLoop } from './schedule/source-loop.ts';
import { runAgeing } from './upkeep/ageing-loop.ts';
import { runAuditAhead } from './upkeep/audit-loop.ts';
import { runCalibration } from './upkeep/calibration-loop.ts';
import type { Learning } from './upkeep/calibration-loop.ts';
import { runCapacity } from './upkeep/capacity-loop.ts';
import { runGiveBack } from './upkeep/give-back-loop.ts';
import type { ProcessMemory } from './upkeep/give-back-loop.ts';
import { runPriceUpdates } from './upkeep/price-loop.ts';
import type { PriceLoopDeps } from './upkeep/price-loop.ts';
import type { Room } from './upkeep/room.ts';

export interface AppDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly ledger: Ledger;
  readonly collectors: readonly Collector[];
  /** Of the sources whose bills are asked for. */
  readonly bills?: readonly BillCollector[];
  /** How far back they are asked for, no further than days are kept. Seconds; absent: thirteen months. */
  readonly billHorizonSeconds?: number;
  readonly settings: CollectSettings;
  readonly retention: LedgerRetention;
  readonly random: () => number;
  /** What looks whether something is to be told, and what brings it to people; absent: nobody is told anything. */
  readonly alerts?: { readonly loop: AlertLoop; readonly delivery: DeliveryLoop };
  /** What carries settled usage out of the ledger. */
  readonly pumps?: readonly Pump[];
  /** What each source may spend a day on its own calls. */
  readonly limits?: SpendLimits;
  /** What the daily update of prices works with, where it is wanted. */
  readonly prices?: PriceLoopDeps | undefined;
  /** Learns from bills what meters do not show, and rates anew what that changes. */
  readonly learn?: (() => Promise<Learning>) | undefined;
  /** Makes the audit's days before somebody asks. */
  readonly auditAhead?: (() => Promise<void>) | undefined;
  /** The process's own, where it is to be kept small. */
  readonly memory?: ProcessMemory | undefined;
  /** What answers are made in; looked after beside the memory. */
  readonly room?: Room | undefined;
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

/** What was used comes first: its newest minutes are what people wait for. */
const billsAfterMs = 60_000;

export function createApp({ alerts, ...given }: AppDeps): App {
  const deps =
    alerts === undefined
      ? given
      : { ...given, ledger: watchedLedger(given.ledger, () => alerts.loop.changed()) };
  const stop = new AbortController();
  // Every target and every call under way hears it: their number says nothing of a leak.
  setMaxListeners(0, stop.signal);
  const slots = createSlots(windowsAtOnce);
  const loops = deps.collectors.map((collector) =>
    createSourceLoop({ ...deps, normalize, slots }, collector),
  );
  const bills = deps.bills ?? [];
  const { billHorizonSeconds = billsBackSeconds } = deps;
  const billDeps = {
    ...deps,
    startAfterMs: billsAfterMs,
    // What the ledger would give up at its next ageing is not asked for.
    horizonSeconds: Math.min(billHorizonSeconds, deps.retention.daySeconds),
  };
  const billLoops = bills.map((collector) => createBillLoop(billDeps, collector));
  let running: Promise<unknown> = Promise.resolve();
  return {
    start() {
      const collecting = [...loops, ...billLoops].map((loop) => loop.run(stop.signal));
      for (const { name, cloud } of deps.collectors) {
        if (!bills.some((one) => one.name === name)) endBills(deps, name, cloud);
      }
      const { clock, memory, room, learn, auditAhead, prices } = deps;
      running = Promise.all([
        ...collecting,
        runAgeing(deps, stop.signal),
        runCapacity(deps, stop.signal),
        alerts?.loop.run(stop.signal),
        alerts?.delivery.run(stop.signal),
        ...(deps.pumps ?? []).map((pump) => pump.run(stop.signal)),
        prices && runPriceUpdates(prices, stop.signal),
        learn && runCalibration({ ...deps, learn }, stop.signal),
        auditAhead && runAuditAhead({ ...deps, auditAhead }, stop.signal),
        memory && runGiveBack({ clock, memory, room }, stop.signal),
      ]);
    },
    waitingFor: () => loops.flatMap((loop) => loop.waitingFor() ?? [loop.name]),
    async stop() {
      stop.abort();
      await running;
      await Promise.all([...deps.collectors, ...bills].map((collector) => collector.close()));
    },
  };
}
