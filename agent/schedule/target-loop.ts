import type { Collector, Target } from '../core/collector.ts';
import type { ExternalError } from '../core/errors.ts';
import { toExternalError } from '../core/errors.ts';
import type { StatusWriter } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { isoUtc } from '../core/time.ts';
import { collectWindow } from './collect.ts';
import type { CollectDeps } from './collect.ts';
import { dueWindows, recentWindow } from './due.ts';
import type { DueWindow } from './due.ts';
import { createPatience } from './patience.ts';
import type { Patience } from './patience.ts';

/** What the source's loop may change under a running target. */
export interface TargetState {
  target: Target;
  /** Asks for a new listing: a read failed for a reason that one may cure. */
  readonly requestDiscovery: () => void;
  /** True once it was read, or failed with a reason. */
  settledOnce: boolean;
  /**
   * Why it could not be listed; undefined when it could. Its known meters are read on meanwhile, and each read that
   * succeeds leaves this on record: new meters may be hidden.
   */
  unlisted?: RecordedFailure | undefined;
}

/** A failure as it is put on record. */
export type RecordedFailure = Parameters<StatusWriter['recordFailure']>[0];

interface Work extends DueWindow {
  /** `recent`, or the gap's own name: what fails is waited for by this. */
  readonly piece: string;
}

/** The newest minutes, whichever they are by now. */
const recent = 'recent';

/**
 * Keeps one target read until the signal aborts: the newest minutes at every poll, gaps behind them newest first. A
 * failure is recorded with what to do and tried again later, each piece of work with its own patience: a day that can
 * never be read holds up neither the days behind it nor the newest minutes, and nothing here reaches another target.
 */
export async function runTarget(
  deps: CollectDeps,
  collector: Collector,
  state: TargetState,
  signal: AbortSignal,
): Promise<void> {
  const { clock, ledger, settings } = deps;
  const patience = createPatience(deps.random);
  let nextPoll = clock.now();
  let rest = 0;
  while (!signal.aborted) {
    let work: Work | undefined;
    try {
      work = clock.now() < rest ? undefined : nextWork(deps, state.target, patience, nextPoll);
      if (work === undefined) {
        const now = clock.now();
        if (nextPoll <= now && rest <= now && patience.isReady(recent, now)) {
          nextPoll = pollAfter(now, settings.everySeconds);
        }
        await clock.sleep(Math.max(1, wakeAt(patience, nextPoll, rest, now) - now), signal);
        continue;
      }
      await read(deps, collector, state.target, work, signal);
      if (signal.aborted) return;
      patience.succeed(work.piece);
      state.settledOnce = true;
      if (work.piece === recent) {
        nextPoll = pollAfter(clock.now(), settings.everySeconds);
        ledger.recordNextPoll(state.target.id, nextPoll);
      }
      if (patience.isCalm()) {
        if (state.unlisted === undefined) ledger.clearFailure(state.target.id);
        else ledger.recordFailure(state.unlisted);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toExternalError(thrown, 'collect');
      const piece = work?.piece ?? recent;
      const nextTry = patience.fail(piece, error, clock.now());
      rest = concernsWindowOnly(error, piece) ? clock.now() + shortRestMs : nextTry;
      tell(deps, state, error, work, nextTry);
    }
  }
}

/** After a window that alone is at fault: the next one is asked for at once, but not without a breath. */
const shortRestMs = 1_000;

/** An answer that makes no sense is about its window; all else is about the target, so nothing of it is asked for. */
function concernsWindowOnly(error: ExternalError, piece: string): boolean {
  return piece !== recent && error.reason === 'bad_response';
}

function nextWork(
  { clock, ledger, settings }: CollectDeps,
  target: Target,
  patience: Patience,
  nextPoll: Instant,
): Work | undefined {
  if (target.units.length === 0) return undefined;
  const now = clock.now();
  if (now >= nextPoll && patience.isReady(recent, now)) {
    return { ...recentWindow(target, now, settings), piece: recent };
  }
  const gaps = dueWindows(target, ledger.coverage(target.id), now, settings).map((gap) => ({
    ...gap,
    piece: `${gap.periodSeconds} s until ${isoUtc(gap.window.end)}`,
  }));
  patience.keep(new Set([recent, ...gaps.map((gap) => gap.piece)]));
  return gaps.find((gap) => patience.isReady(gap.piece, now));
}

function wakeAt(patience: Patience, nextPoll: Instant, rest: Instant, now: Instant): Instant {
  if (rest > now) return rest;
  const poll = nextPoll > now ? nextPoll : Number.POSITIVE_INFINITY;
  return Math.min(poll, patience.firstReady(now) ?? Number.POSITIVE_INFINITY);
}

/** The next multiple of the cadence, so that all targets' points are of the same age. */
export function pollAfter(now: Instant, everySeconds: number): Instant {
  const everyMs = everySeconds * 1_000;
  return (Math.floor(now / everyMs) + 1) * everyMs;
}

async function read(
  deps: CollectDeps,
  collector: Collector,
  target: Target,
  work: Work,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, slots, tracer } = deps;
  await slots.run(work.window.end, async () => {
    if (signal.aborted) return;
    const started = clock.now();
    const result = await tracer.span(
      'crossbill.poll',
      { 'crossbill.source': target.source, 'crossbill.target': target.id },
      () => collectWindow(deps, collector, target, work, signal),
    );
    log.debug('window read', {
      target: target.id,
      start: isoUtc(work.window.start),
      end: isoUtc(work.window.end),
      tookMs: clock.now() - started,
      ...result,
    });
  });
}

/** Puts a failure on record and in the log. A ledger that cannot take it either stops nothing. */
function tell(
  { clock, ledger, log }: CollectDeps,
  state: TargetState,
  error: ExternalError,
  work: Work | undefined,
  nextTry: Instant,
): void {
  const { source, id } = state.target;
  state.settledOnce = true;
  if (error.reason === 'bad_response') state.requestDiscovery();
  log.warn('target failed', {
    target: id,
    window: work && `${isoUtc(work.window.start)}/${isoUtc(work.window.end)}`,
    reason: error.reason,
    operation: error.operation,
    message: error.message,
    hint: error.hint,
    nextTry: isoUtc(nextTry),
  });
  try {
    ledger.recordFailure({ source, scope: id, error, at: clock.now(), nextTry });
  } catch (thrown) {
    log.error('failure not recorded', { target: id, message: String(thrown) });
  }
}
