import { createApp } from '../../agent/app.ts';
import type { App } from '../../agent/app.ts';
import { silentLog } from '../../agent/core/log.ts';
import type { Ledger } from '../../agent/core/store.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import { querySources } from '../../agent/query/sources.ts';
import type { SourceRow } from '../../agent/query/sources.ts';
import { createApiMeter } from '../../agent/schedule/api-meter.ts';
import type { CollectSettings } from '../../agent/schedule/collect.ts';
import { createSpendLimits } from '../../agent/schedule/spend-limits.ts';
import type { Faults } from '../../collectors/emulator/faults.ts';
import type { Traffic } from '../../collectors/emulator/lane.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import type { Clouds } from '../../collectors/emulator/server.ts';
import type { TruthStep } from '../../collectors/emulator/truth.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import type { FakeClock } from '../support/fake-clock.ts';
import { differences } from '../support/rehearsal.ts';
import { interpretation } from './interpretation.ts';
import { createIoGate } from './io-gate.ts';
import { smallTraffic, sourcesOf } from './small-world.ts';

/** The agent of one cloud, all its loops, on a clock that the test moves; the cloud's own clock may stand elsewhere. */
export interface RunningWorld {
  readonly clock: FakeClock;
  readonly ledger: Ledger;
  readonly clouds: Clouds;
  /** How far the cloud's clock is ahead of the agent's. Milliseconds. */
  readonly cloudAheadMs: number;
  /** Sets the agent's clock and leaves the cloud's alone. */
  setClock(ms: number): void;
  /** Stops the agent and, after what is given, starts another over the same ledger. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  sources(): Promise<readonly SourceRow[]>;
  /** Where the ledger is not what was truly used, a few lines each step (total, hour, minute unless given); none is the wish. */
  untrue(span: Window, steps?: readonly TruthStep[]): Promise<readonly string[]>;
  /** Every line of one step. */
  amiss(span: Window, step: TruthStep): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface RunningOptions {
  readonly cloud: 'aws' | 'azure';
  readonly start: Instant;
  readonly traffic?: Traffic;
  /** Made once the clock is there. */
  readonly faults?: (now: () => Instant) => Faults;
  readonly settings?: Partial<CollectSettings>;
  readonly openLedger?: () => Ledger;
  readonly timeoutMs?: number;
  /** Whether the cloud shows every finished minute whole at once. Default no. */
  readonly settled?: boolean;
  /** How far the cloud's clock is ahead of the agent's from the start. */
  readonly cloudAheadMs?: number;
}

const daySeconds = 86_400;
export const everySeconds = 600;
const settings: CollectSettings = {
  everySeconds,
  discoverySeconds: 900,
  overlapSeconds: 900,
  backfillSeconds: 2 * daySeconds,
  minuteRetentionSeconds: 15 * daySeconds,
};
const retention = {
  minuteSeconds: 15 * daySeconds,
  hourSeconds: 400 * daySeconds,
  daySeconds: Infinity,
};
const grouping = ['cloud', 'account', 'region', 'resource', 'deployment', 'model'] as const;

export async function runWorld(options: RunningOptions): Promise<RunningWorld> {
  const { cloud, start, traffic = smallTraffic(), timeoutMs = 20_000, settled = false } = options;
  const gate = createIoGate();
  const clock = createFakeClock(start, () => gate.idle());
  const cloudTime = { aheadMs: options.cloudAheadMs ?? 0 };
  const cloudNow = () => clock.now() + cloudTime.aheadMs;
  const faults = options.faults?.(cloudNow);
  const clouds = await startClouds({
    traffic,
    settled,
    now: cloudNow,
    ...(faults ? { faults } : {}),
  });
  const ledger = options.openLedger?.() ?? openLedger(':memory:', interpretation, start);
  const startApp = (): App => {
    const limits = createSpendLimits('auto');
    // Unpaced: the gate would wait for a call that waits for the clock.
    const meter = createApiMeter({ clock, ledger, limits, paced: false });
    const collectors = sourcesOf(cloud, clouds, clock, timeoutMs, { meter });
    const app = createApp({
      clock,
      log: silentLog,
      tracer: noTracer,
      ledger,
      collectors: collectors.map((one) => gate.watch(one)),
      settings: { ...settings, ...options.settings },
      retention,
      random: () => 0.5,
      limits,
    });
    app.start();
    return app;
  };
  const amiss = (span: Window, step: TruthStep) => {
    const used = faults?.edition?.(traffic, cloudNow()) ?? traffic;
    const lanes = used.lanes.filter((lane) => lane.cloud === cloud);
    const ofCloud: Traffic = { lanes, requests: (lane, minute) => used.requests(lane, minute) };
    return differences(ledger, ofCloud, span, step, grouping);
  };
  let app = startApp();
  return {
    clock,
    ledger,
    clouds,
    get cloudAheadMs() {
      return cloudTime.aheadMs;
    },
    setClock(ms) {
      clock.shift(ms);
      cloudTime.aheadMs -= ms;
    },
    async restart(meanwhile) {
      await app.stop();
      await meanwhile?.();
      app = startApp();
    },
    sources: () => querySources(ledger, clock.now(), everySeconds),
    async untrue(span, steps = ['total', '1h', '1m']) {
      const found: string[] = [];
      for (const step of steps) {
        const lines = await amiss(span, step);
        found.push(...lines.slice(0, 4).map((line) => `by ${step}: ${line}`));
        if (lines.length > 4) found.push(`by ${step}: ${lines.length - 4} more`);
      }
      return found;
    },
    amiss,
    async close() {
      await app.stop();
      await clouds.close();
      ledger.close();
    },
  };
}
