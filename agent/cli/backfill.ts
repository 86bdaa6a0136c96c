import type { Collector, Target } from '../core/collector.ts';
import { toExternalError } from '../core/errors.ts';
import type { Clock, Window } from '../core/time.ts';
import { isoUtc, minuteMs } from '../core/time.ts';
import { noTracer } from '../core/tracer.ts';
import { normalize } from '../normalize/normalize.ts';
import { backoffMs } from '../schedule/backoff.ts';
import { collectWindow } from '../schedule/collect.ts';
import type { CollectDeps } from '../schedule/collect.ts';
import { dueWithin, headOf } from '../schedule/due.ts';
import type { DueWindow } from '../schedule/due.ts';
import { createSlots } from '../schedule/slots.ts';
import type { Platform } from './platform.ts';
import { startProgress } from './progress.ts';
import { collectSettingsOf, interpretationOf, readConfig } from './settings.ts';
import { parseWhen } from './when.ts';

/** Tries of one window before its target is given up for this run. */
const triesAtMost = 5;

interface Task {
  readonly collector: Collector;
  readonly target: Target;
  readonly due: DueWindow;
}

/**
 * `crossbill backfill`: fills `[from, to)` newest first. What is settled already is not read again, so a run that was
 * stopped goes on where it was.
 */
export async function backfillVerb(
  platform: Platform,
  configPath: string,
  options: { readonly from: string; readonly to?: string },
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const clock = platform.createClock();
  const span = spanOf(options, clock);
  const log = platform.createLog(config.log);
  const ledger = await platform.openLedger(
    config.ledger.path,
    interpretationOf(config),
    clock.now(),
  );
  try {
    const collectors = await Promise.all(
      config.sources.map((source) => platform.createCollector(source, clock)),
    );
    const deps: CollectDeps = {
      clock,
      log,
      tracer: noTracer,
      ledger,
      normalize,
      settings: collectSettingsOf(config),
      slots: createSlots(4),
      random: platform.random,
    };
    const { tasks, failures } = await plan(deps, collectors, span, platform.signal);
    const failed = await fill(platform, deps, tasks);
    await Promise.all(collectors.map((collector) => collector.close()));
    return report(platform, span, tasks.length, [...failures, ...failed]);
  } finally {
    ledger.close();
  }
}

function spanOf(options: { readonly from: string; readonly to?: string }, clock: Clock): Window {
  const now = clock.now();
  const start = Math.floor(parseWhen(options.from, now) / minuteMs) * minuteMs;
  const end = Math.min(options.to === undefined ? now : parseWhen(options.to, now), headOf(now));
  return { start, end };
}

async function plan(
  deps: CollectDeps,
  collectors: readonly Collector[],
  span: Window,
  signal: AbortSignal,
): Promise<{ readonly tasks: readonly Task[]; readonly failures: readonly string[] }> {
  const tasks: Task[] = [];
  const failures: string[] = [];
  for (const collector of collectors) {
    const discovery = await collector.discover(signal);
    for (const { scope, error } of discovery.failures) {
      failures.push(`${scope}: ${error.reason}: ${error.message}. ${error.hint}`);
    }
    const targets = deps.ledger.recordDiscovery(collector.name, discovery, deps.clock.now());
    for (const target of targets) {
      const coverage = deps.ledger.coverage(target.id);
      const windows = dueWithin(target, coverage, deps.clock.now(), deps.settings, span);
      for (const due of windows) tasks.push({ collector, target, due });
    }
  }
  return { tasks: tasks.toSorted((a, b) => b.due.window.end - a.due.window.end), failures };
}

async function fill(
  platform: Platform,
  deps: CollectDeps,
  tasks: readonly Task[],
): Promise<readonly string[]> {
  const failed = new Map<string, string>();
  const progress = startProgress(platform.err, tasks.length, 'backfill');
  let done = 0;
  await Promise.all(
    tasks.map((task) =>
      deps.slots.run(task.due.window.end, async () => {
        if (platform.signal.aborted || failed.has(task.target.id)) return;
        const failure = await attempt(deps, task, platform.signal);
        if (failure !== undefined) failed.set(task.target.id, failure);
        done += 1;
        progress.update(done);
      }),
    ),
  );
  progress.stop();
  return [...failed.values()];
}

async function attempt(
  deps: CollectDeps,
  { collector, target, due }: Task,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      await collectWindow(deps, collector, target, due, signal);
      return undefined;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      const error = toExternalError(thrown, 'collect');
      if (!error.retryable || tries === triesAtMost) {
        return `${target.id}: ${error.reason}: ${error.message}. ${error.hint}`;
      }
      await deps.clock.sleep(backoffMs(error, tries, deps.random()), signal);
    }
  }
}

function report(
  platform: Platform,
  span: Window,
  windows: number,
  failures: readonly string[],
): number {
  for (const failure of failures) platform.err.write(`${failure}\n`);
  if (platform.signal.aborted) {
    platform.err.write('stopped; the same command goes on where it was\n');
    return 1;
  }
  platform.out.write(
    `${isoUtc(span.start)} to ${isoUtc(span.end)}: ${windows} windows due, ` +
      `${failures.length === 0 ? 'all read' : `${failures.length} failed`}\n`,
  );
  return failures.length === 0 ? 0 : 1;
}
