import type { Collector, Target } from '../core/collector.ts';
import { toExternalError } from '../core/errors.ts';
import type { ExternalError } from '../core/errors.ts';
import type { CoverageSpan } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { floorTo, isoUtc, minuteMs } from '../core/time.ts';
import type { CollectDeps } from '../schedule/collect.ts';
import { dueWithin, headOf } from '../schedule/due.ts';
import type { DueWindow } from '../schedule/due.ts';
import { formatAge, formatInstant, plainText } from './format.ts';
import { parseWhen } from './when.ts';
import { WrongUseError } from './wrong-use.ts';

/** One window of one target that is not read yet, or not since it settled. */
export interface Task {
  readonly collector: Collector;
  readonly target: Target;
  readonly due: DueWindow;
}

export interface BackfillPlan {
  /** Newest first. */
  readonly tasks: readonly Task[];
  /** Targets that were looked at. */
  readonly targets: number;
  /** What could not be looked at. */
  readonly failures: readonly string[];
  /** What of the span clouds or ledger do not keep, a line each. */
  readonly remarks: readonly string[];
}

/** The whole minutes asked for, as far as they can be read by now. Throws a WrongUseError where none can. */
export function spanOf(
  options: { readonly from: string; readonly to?: string },
  now: Instant,
): Window {
  const head = headOf(now);
  const from = parseWhen(options.from, now, '--from');
  const to = options.to === undefined ? now : parseWhen(options.to, now, '--to');
  if (from >= now) {
    throw new WrongUseError(`--from (${isoUtc(from)}) is not in the past`);
  }
  if (from >= to) {
    throw new WrongUseError(`--from (${isoUtc(from)}) must lie before --to (${isoUtc(to)})`);
  }
  const span = { start: floorTo(from, minuteMs), end: floorTo(Math.min(to, head), minuteMs) };
  if (span.start < span.end) return span;
  throw new WrongUseError(
    `between --from (${isoUtc(from)}) and --to (${isoUtc(to)}) lies no whole minute that can be read yet; the newest one ends at ${formatInstant(head)} UTC`,
  );
}

/**
 * Lists every source and finds what is due of the span. A source that fails hides nothing of the others.
 * @param again whether what is settled already is due too
 */
export async function planBackfill(
  deps: CollectDeps,
  collectors: readonly Collector[],
  span: Window,
  signal: AbortSignal,
  again = false,
): Promise<BackfillPlan> {
  const plans = await Promise.all(
    collectors.map((collector) => planSource(deps, collector, span, signal, again)),
  );
  return {
    tasks: plans
      .flatMap(({ tasks }) => tasks)
      .toSorted((a, b) => b.due.window.end - a.due.window.end),
    targets: plans.reduce((sum, { targets }) => sum + targets, 0),
    failures: plans.flatMap(({ failures }) => failures),
    remarks: [
      ...plans.flatMap(({ remarks }) => remarks),
      ...notKept('retention.hour', deps.settings.hourRetentionSeconds ?? Infinity, span, deps),
    ],
  };
}

async function planSource(
  deps: CollectDeps,
  collector: Collector,
  span: Window,
  signal: AbortSignal,
  again: boolean,
): Promise<BackfillPlan> {
  const nothing = { tasks: [], targets: 0, failures: [], remarks: [] };
  const listed = await collector.discover(signal).catch((thrown: unknown) => {
    if (signal.aborted) return nothing;
    return { ...nothing, failures: [failureText(collector.name, toExternalError(thrown, 'list'))] };
  });
  if (!('scopes' in listed)) return listed;
  const now = deps.clock.now();
  const targets = deps.ledger.recordDiscovery(collector.name, listed, now);
  const known = (target: Target) => (again ? nothingRead : deps.ledger.coverage(target.id));
  const tasks = targets.flatMap((target) =>
    dueWithin(target, known(target), now, deps.settings, span).map((due) => ({
      collector,
      target,
      due,
    })),
  );
  return {
    tasks,
    targets: targets.length,
    failures: listed.failures.map(({ scope, error }) => failureText(scope, error)),
    remarks: notKept(`${collector.name}: its cloud`, longestKept(targets), span, deps),
  };
}

const nothingRead: ReadonlyMap<string, readonly CoverageSpan[]> = new Map();

/** What failed and why, and on a line below it what a person can do about it. */
export function failureText(scope: string, { reason, message, hint }: ExternalError): string {
  return `${plainText(`${scope}: ${reason}: ${message}`)}\n  ${plainText(hint)}`;
}

/** Seconds; without a target nothing is known to be gone. */
function longestKept(targets: readonly Target[]): number {
  const ages = targets.flatMap(({ retention }) => retention.map(({ ageSeconds }) => ageSeconds));
  return ages.length === 0 ? Infinity : Math.max(...ages);
}

function notKept(
  who: string,
  seconds: number,
  span: Window,
  { clock }: CollectDeps,
): readonly string[] {
  const oldest = clock.now() - seconds * 1_000;
  if (span.start >= oldest) return [];
  return [
    `${who} keeps ${formatAge(seconds)}: what is older than ${formatInstant(oldest)} UTC is not read`,
  ];
}
