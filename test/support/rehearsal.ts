import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { silentLog } from '../../agent/core/log.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import type { Collector } from '../../agent/core/collector.ts';
import type { Ledger, UsageReader } from '../../agent/core/store.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import type { Step } from '../../agent/query/step.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import { collectWindow } from '../../agent/schedule/collect.ts';
import type { CollectDeps } from '../../agent/schedule/collect.ts';
import { dueWindows, dueWithin, recentWindow } from '../../agent/schedule/due.ts';
import { createSlots } from '../../agent/schedule/slots.ts';
import { createAwsCollector } from '../../collectors/aws/index.ts';
import { createAzureCollector } from '../../collectors/azure/index.ts';
import type { Traffic } from '../../collectors/emulator/lane.ts';
import { scenarioLanes } from '../../collectors/emulator/scenario.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import type { Clouds, CloudsOptions } from '../../collectors/emulator/server.ts';
import { loadTrace } from '../../collectors/emulator/trace.ts';
import { createTraffic } from '../../collectors/emulator/traffic.ts';
import { truth } from '../../collectors/emulator/truth.ts';
import type { TruthDimension, TruthStep } from '../../collectors/emulator/truth.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { figureColumns } from './figures.ts';

/**
 * Both built-in clouds, the real collectors and a ledger, driven poll by poll by a clock the test sets. Nothing here
 * knows what the truth is but the replay itself.
 */
export interface Rehearsal {
  readonly ledger: Ledger;
  readonly clouds: Clouds;
  readonly traffic: Traffic;
  now: Instant;
  /** One cycle: list, read the newest minutes of every target, then every gap. */
  poll(): Promise<void>;
  /** What `backfill` does for a span: all that is due of it, at the grain its age allows. */
  backfill(span: Window): Promise<void>;
  /** Rows of the usage query and of the truth that are not the same, each as one line; none is the wish. */
  differences(
    span: Window,
    step: TruthStep,
    groupBy?: readonly TruthDimension[],
  ): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface RehearsalOptions {
  readonly start: Instant;
  readonly path?: string;
  readonly aliases?: ReadonlyMap<string, string>;
  readonly backfillSeconds?: number;
  readonly overlapSeconds?: number;
  readonly traffic?: Traffic;
  readonly clouds?: Omit<CloudsOptions, 'now' | 'traffic'>;
}

/** The replay without the lane that is silent for weeks: what no cloud lists, no ledger can tell. */
export function replay(): Traffic {
  const lanes = scenarioLanes.filter((lane) => lane.vendorModel !== 'zai.glm-5');
  return createTraffic(lanes, loadTrace());
}

export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const traffic = options.traffic ?? replay();
  const time = { now: options.start };
  const clock = { now: () => time.now, sleep: () => Promise.resolve() };
  const clouds = await startClouds({ ...options.clouds, traffic, now: clock.now });
  const interpretation = createInterpretation(options.aliases ?? new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = openLedger(options.path ?? ':memory:', interpretation, time.now);
  const collectors = collectorsOf(clouds, clock);
  const settings = {
    everySeconds: 300,
    discoverySeconds: 900,
    overlapSeconds: options.overlapSeconds ?? 1_800,
    backfillSeconds: options.backfillSeconds ?? 3 * 3_600,
    minuteRetentionSeconds: 15 * 86_400,
  };
  const deps: CollectDeps = {
    clock,
    log: silentLog,
    tracer: noTracer,
    ledger,
    normalize,
    settings,
    slots: createSlots(4),
    random: () => 0.5,
  };
  const { signal } = new AbortController();
  return {
    ledger,
    clouds,
    traffic,
    get now() {
      return time.now;
    },
    set now(at) {
      time.now = at;
    },
    async poll() {
      for (const collector of collectors) {
        const discovery = await collector.discover(signal);
        if (discovery.failures[0] !== undefined) throw discovery.failures[0].error;
        for (const target of ledger.recordDiscovery(collector.name, discovery, time.now)) {
          await collectWindow(
            deps,
            collector,
            target,
            recentWindow(target, time.now, settings),
            signal,
          );
          const gaps = dueWindows(target, ledger.coverage(target.id), time.now, settings);
          for (const gap of gaps) await collectWindow(deps, collector, target, gap, signal);
        }
      }
    },
    async backfill(span) {
      for (const collector of collectors) {
        const discovery = await collector.discover(signal);
        for (const target of ledger.recordDiscovery(collector.name, discovery, time.now)) {
          const known = ledger.coverage(target.id);
          for (const gap of dueWithin(target, known, time.now, settings, span)) {
            await collectWindow(deps, collector, target, gap, signal);
          }
        }
      }
    },
    differences: (span, step, groupBy = ['cloud', 'model']) =>
      differences(ledger, traffic, span, step, groupBy),
    async close() {
      await Promise.all(collectors.map((collector) => collector.close()));
      await clouds.close();
      ledger.close();
    },
  };
}

function collectorsOf(clouds: Clouds, clock: { now(): Instant }): readonly Collector[] {
  const regions = ['us-east-1', 'us-west-2', 'eu-central-1'];
  const credentials = () =>
    Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'rehearsal' });
  const aws = { regions, linkedAccounts: false, endpoint: clouds.awsUrl };
  const arn = 'arn:aws:iam::444455556666:role/crossbill';
  return [
    createAwsCollector({ ...aws, name: 'aws', roles: [] }, { clock, credentials }),
    createAwsCollector({ ...aws, name: 'aws-search', roles: [{ arn }] }, { clock, credentials }),
    createAzureCollector(
      {
        name: 'azure',
        credential: { kind: 'static_token', token: () => 'rehearsal' },
        endpoint: clouds.azureUrl,
        timeoutMs: 30_000,
      },
      { now: () => clock.now() },
    ),
  ];
}

const stepMs: Readonly<Record<TruthStep, Step>> = {
  '1m': 60_000,
  '5m': 300_000,
  '1h': 3_600_000,
  '1d': 86_400_000,
  total: 'total',
};

/** Rows of the usage query and of the truth that are not the same, each as one line. */
export async function differences(
  ledger: UsageReader,
  traffic: Traffic,
  span: Window,
  step: TruthStep,
  groupBy: readonly TruthDimension[],
): Promise<readonly string[]> {
  const { rows } = await queryUsage(ledger, {
    from: span.start,
    to: span.end,
    stepMs: stepMs[step],
    groupBy,
    filters: new Map(),
    teams: [],
    maxRows: 1_000_000,
  });
  const told = new Map(rows.map((row) => [lineOf(row, groupBy), row]));
  const found: string[] = [];
  for (const row of truth(traffic, { from: span.start, to: span.end, step, groupBy })) {
    const name = lineOf(row, groupBy);
    const figures = told.get(name);
    told.delete(name);
    for (const column of figureColumns) {
      if (figures?.[column] !== row[column]) {
        found.push(`${name} ${column}: truth ${row[column]}, ledger ${figures?.[column]}`);
      }
    }
  }
  return [...found, ...[...told.keys()].map((name) => `${name}: not in the truth`)];
}

function lineOf(row: { readonly time: string }, groupBy: readonly TruthDimension[]): string {
  return [row.time, ...groupBy.map((name) => Reflect.get(row, name))].join(' ');
}
