import type { Collector } from '../core/collector.ts';
import { toExternalError } from '../core/errors.ts';
import { isoUtc } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { noTracer } from '../core/tracer.ts';
import { normalize } from '../normalize/normalize.ts';
import { createApiMeter } from '../schedule/api-meter.ts';
import { backoffMs } from '../core/backoff.ts';
import { collectWindow } from '../schedule/collect.ts';
import type { CollectDeps } from '../schedule/collect.ts';
import { createSlots } from '../schedule/slots.ts';
import { failureText, planBackfill, spanOf } from './backfill-plan.ts';
import type { BackfillPlan, Task } from './backfill-plan.ts';
import { formatWindow } from './format.ts';
import type { Platform, Terminal } from './platform.ts';
import { openPriceBook } from './price-book.ts';
import { startProgress } from './progress.ts';
import { collectSettingsOf, interpretationOf, readConfig } from './settings.ts';

/** Tries of one window before its target is given up for this run. */
const triesAtMost = 5;
/** Windows that are read at the same time over all sources. */
const windowsAtOnce = 4;

/**
 * `crossbill backfill`: fills `[from, to)` newest first. What is settled already is not read again, so a run that was
 * stopped goes on where it was; with `again` all of it is.
 */
export async function backfillVerb(
  platform: Platform,
  configPath: string,
  options: { readonly from: string; readonly to?: string; readonly again?: boolean },
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const clock = platform.createClock();
  const span = spanOf(options, clock.now());
  const ledger = await platform.openLedger(
    config.ledger.path,
    interpretationOf(config),
    clock.now(),
  );
  const collectors: Collector[] = [];
  // Whoever asks for history by name wants it now: it is counted and paced, but the day's limit does not hold it back.
  const meter = createApiMeter({ clock, ledger });
  try {
    await openPriceBook(platform, config, ledger, clock.now());
    for (const source of config.sources) {
      collectors.push(await platform.createCollector(source, clock, undefined, meter));
    }
    const deps: CollectDeps = {
      clock,
      log: platform.createLog(config.log),
      tracer: noTracer,
      ledger,
      normalize,
      settings: collectSettingsOf(config),
      slots: createSlots(windowsAtOnce),
      random: platform.random,
    };
    const plan = await planBackfill(deps, collectors, span, platform.signal, options.again);
    for (const remark of plan.remarks) platform.err.write(`note: ${remark}\n`);
    for (const failure of plan.failures) platform.err.write(`${failure}\n`);
    const filled = await fill(platform, deps, plan.tasks);
    return tell(platform, span, plan, filled);
  } finally {
    await Promise.allSettled(collectors.map((collector) => collector.close()));
    ledger.close();
  }
}

interface Filled {
  /** Windows that were read. */
  readonly read: number;
  /** Of every target that was given up. */
  readonly failures: readonly string[];
}

async function fill(
  platform: Platform,
  deps: CollectDeps,
  tasks: readonly Task[],
): Promise<Filled> {
  const { signal } = platform;
  const failed = new Map<string, string>();
  let read = 0;
  let settled = 0;
  if (tasks.length === 0 || signal.aborted) return { read, failures: [] };
  const progress = startProgress(platform.err, tasks.length, 'backfill');
  const work = async (task: Task) => {
    if (!failed.has(task.target.id)) {
      const outcome = await attempt(deps, task, signal);
      if (outcome === 'stopped') return;
      if (outcome === 'read') read += 1;
      else failed.set(task.target.id, outcome.failure);
    }
    settled += 1;
    progress.update(settled);
  };
  try {
    await Promise.all(tasks.map((task) => deps.slots.run(task.due.window.end, () => work(task))));
  } finally {
    progress.stop();
  }
  return { read, failures: [...failed.values()] };
}

type Outcome = 'read' | 'stopped' | { readonly failure: string };

async function attempt(
  deps: CollectDeps,
  { collector, target, due }: Task,
  signal: AbortSignal,
): Promise<Outcome> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      await collectWindow(deps, collector, target, due, signal);
      return 'read';
    } catch (thrown) {
      if (signal.aborted) break;
      const error = toExternalError(thrown, 'collect');
      if (!error.retryable || tries === triesAtMost) {
        return { failure: failureText(target.id, error) };
      }
      const wait = backoffMs(error, tries, deps.random());
      const nextTry = isoUtc(deps.clock.now() + wait);
      const { reason, message, hint } = error;
      deps.log.warn('window failed', { target: target.id, reason, message, hint, nextTry });
      await deps.clock.sleep(wait, signal);
    }
  }
  return 'stopped';
}

function tell(platform: Platform, span: Window, plan: BackfillPlan, filled: Filled): number {
  const { tasks, targets } = plan;
  const { read, failures } = filled;
  for (const failure of failures) platform.err.write(`${failure}\n`);
  const windows = tasks.length === 1 ? '1 window' : `${tasks.length} windows`;
  const say = (terminal: Terminal, text: string) =>
    terminal.write(`${formatWindow(span)}: ${text}\n`);
  if (platform.signal.aborted) {
    say(platform.err, `stopped after ${read} of ${windows}; run it again to go on`);
    return 1;
  }
  if (plan.failures.length > 0 || failures.length > 0) {
    const rest = 'what stands above could not be read: mend it, then run this again';
    say(
      platform.err,
      `${tasks.length === 0 ? 'nothing else is due' : `${read} of ${windows} read`}; ${rest}`,
    );
    return 1;
  }
  if (targets === 0) say(platform.out, 'no source lists a meter, so there is nothing to read');
  else if (tasks.length === 0) {
    const all = plan.remarks.length === 0 ? 'all of it' : 'all that is kept of it';
    say(platform.out, `nothing to do, ${all} is read and settled`);
  } else say(platform.out, `${windows} read`);
  return 0;
}
