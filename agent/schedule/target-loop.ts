import type { Collector, Target } from '../core/collector.ts';
import type { ExternalError } from '../core/errors.ts';
import { toExternalError } from '../core/errors.ts';
import type { StatusWriter } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { isoUtc, secondMs } from '../core/time.ts';
import { nextMidnight } from './api-meter.ts';
import type { Breaker } from './breaker.ts';
import { collectWindow } from './collect.ts';
import type { CollectDeps, Collected } from './collect.ts';
import type { Governor } from './governor.ts';
import { createAgenda, pollAfter, recent } from './next-work.ts';
import type { Agenda, Work } from './next-work.ts';
import { createPacer } from './pacer.ts';
import { createPatience } from './patience.ts';

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

/** What the targets of a source share. */
export interface SharedBySource {
  readonly governor: Governor;
  /** Of the target's account and region. */
  readonly breaker: Breaker;
}

/** A failure as it is put on record. */
export type RecordedFailure = Parameters<StatusWriter['recordFailure']>[0];

/**
 * Keeps one target read until the signal aborts: the newest minutes at every poll, gaps behind them newest first, at last
 * the past day once more. A failure is recorded with what to do and tried again later, each piece of work with its own
 * patience: a day that can never be read holds up neither the days behind it nor the newest minutes, and nothing here
 * reaches another target.
 *
 * That patience is a circuit breaker: closed while reads succeed; after a failure open, nothing is asked, until the next
 * try is due; then half open, one read is the trial, and its success closes it while its failure opens it for longer. What
 * the credentials themselves fail with opens the breaker that all targets of the account and region share.
 */
export async function runTarget(
  deps: CollectDeps,
  collector: Collector,
  state: TargetState,
  shared: SharedBySource,
  signal: AbortSignal,
): Promise<void> {
  const { clock, ledger, settings } = deps;
  const { governor, breaker } = shared;
  const patience = createPatience(deps.random);
  const agenda = createAgenda(deps, collector, governor, patience);
  const pacer = createPacer(deps, state.target.id);
  let rest = 0;
  let toldOf: ExternalError | undefined;
  let stopped = false;
  while (!signal.aborted) {
    let work: Work | undefined;
    try {
      work = clock.now() < rest ? undefined : agenda.next(state.target, clock.now());
      const blocked = work === undefined ? undefined : breaker.blocked(clock.now());
      if (blocked !== undefined) {
        rest = blocked.until;
        if (toldOf !== blocked.error) tell(deps, state, blocked.error, undefined, rest);
        toldOf = blocked.error;
        work = undefined;
      }
      const pace = agenda.pace(state.target);
      if (!stopped) pacer.note(settings.everySeconds * pace.stretch, pace.slowed);
      if (work === undefined) {
        const now = clock.now();
        const wake = wakeAt(agenda, patience.firstReady(now), rest, now);
        // What is slowed looks up at every poll whether it still is.
        const until =
          pace.slowed === null ? wake : Math.min(wake, pollAfter(now, settings.everySeconds));
        await clock.sleep(Math.max(1, until - now), signal);
        continue;
      }
      const collected = await read(deps, collector, state.target, work, governor, signal);
      if (signal.aborted) return;
      if (collected === undefined) {
        rest = pollAfter(clock.now(), settings.everySeconds);
        state.settledOnce = true;
        // Where only a long read does not fit, the newest minutes may still.
        if (work.kind !== 'recent') continue;
        stopped = true;
        pacer.note(settings.everySeconds, governor.stopped());
        ledger.recordNextPoll(state.target.id, nextMidnight(clock.now()));
        continue;
      }
      breaker.close();
      toldOf = undefined;
      stopped = false;
      agenda.done(state.target, work, collected.newest);
      state.settledOnce = true;
      if (patience.isCalm()) {
        if (state.unlisted === undefined) ledger.clearFailure(state.target.id);
        else ledger.recordFailure(state.unlisted);
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toExternalError(thrown, 'collect');
      const piece = work?.piece ?? recent;
      const nextTry = patience.fail(piece, error, clock.now());
      if (work !== undefined) agenda.failed(work);
      if (error.ofCredentials) breaker.trip(error, nextTry);
      toldOf = error;
      rest = concernsWindowOnly(error, piece) ? clock.now() + shortRestMs : nextTry;
      tell(deps, state, error, work, nextTry);
    }
  }
}

/** After a window that alone is at fault: the next one is asked for at once, but not without a breath. */
const shortRestMs = secondMs;

/** An answer that makes no sense is about its window; all else is about the target, so nothing of it is asked for. */
function concernsWindowOnly(error: ExternalError, piece: string): boolean {
  return piece !== recent && error.reason === 'bad_response';
}

function wakeAt(
  { nextPoll }: Agenda,
  firstReady: Instant | undefined,
  rest: Instant,
  now: Instant,
): Instant {
  if (rest > now) return rest;
  const poll = nextPoll > now ? nextPoll : Number.POSITIVE_INFINITY;
  return Math.min(poll, firstReady ?? Number.POSITIVE_INFINITY);
}

/** Far behind every gap, however old. */
const rereadPriority = -1e15;

/** Undefined when the day has no money left for it, or the signal aborted. */
async function read(
  deps: CollectDeps,
  collector: Collector,
  target: Target,
  work: Work,
  governor: Governor,
  signal: AbortSignal,
): Promise<Collected | undefined> {
  const { clock, log, slots, tracer } = deps;
  const { start, end } = work.window;
  const priority = work.kind === 'reread' ? rereadPriority + end : end;
  return slots.run(priority, async () => {
    if (signal.aborted) return undefined;
    const release = governor.reserve(work.costNanoUsd);
    if (release === undefined) return undefined;
    const started = clock.now();
    try {
      const collected = await tracer.span(
        'crossbill.poll',
        { 'crossbill.source': target.source, 'crossbill.target': target.id },
        () => collectWindow(deps, collector, target, work, signal),
      );
      const { newest, ...result } = collected;
      log.debug('window read', {
        target: target.id,
        start: isoUtc(start),
        end: isoUtc(end),
        tookMs: clock.now() - started,
        unitsWithPoints: newest.size,
        ...result,
      });
      return collected;
    } finally {
      release();
    }
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
