import type { BillCollector, BillScope, BillStatement } from '../core/bill.ts';
import { billTarget } from '../core/bill.ts';
import type { BillReader, BillStatusWriter, BillWriter } from '../core/bill-store.ts';
import { ExternalError, toExternalError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { StatusWriter } from '../core/store.ts';
import type { Clock, Instant, Window } from '../core/time.ts';
import { dayMs, hourMs, isoUtc, minuteMs, secondMs } from '../core/time.ts';
import type { Tracer } from '../core/tracer.ts';
import { billWork } from './bill-due.ts';
import type { BillPiece } from './bill-due.ts';
import { costOfBills } from './bill-spending.ts';
import type { BillSpending } from './bill-spending.ts';
import type { Breaker } from './breaker.ts';
import { createPatience } from './patience.ts';
import type { Slots } from './slots.ts';
import type { SpendLimits } from './spend-limits.ts';

export interface BillLoopDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tracer: Tracer;
  readonly ledger: BillWriter &
    Pick<BillReader, 'billedDays'> &
    BillStatusWriter &
    Pick<StatusWriter, 'recordFailure' | 'clearFailure' | 'settleScopes'>;
  /** How far back bills are wanted and kept. Seconds. */
  readonly horizonSeconds: number;
  /** Absent: at once. */
  readonly startAfterMs?: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** What each source may spend a day; absent: as much as it takes. */
  readonly limits?: SpendLimits;
}

/** What the scopes of a source share. */
export interface SharedByBills {
  /** Of the scope's account. */
  readonly breaker: Breaker;
  /** One call at a time: what limits them is the payer or the tenant. */
  readonly slots: Slots;
  readonly spending: BillSpending;
}

/** What the source's loop may change under a running scope. */
export interface BillScopeState {
  scope: BillScope;
}

/** Bills change by the hour, and asking for them costs money whether or not it fails. */
const retrying = { firstMs: minuteMs, mostMs: 2 * hourMs } as const;
/** So often it is looked up whether the clock was set. */
const longestSleepMs = hourMs;
/** After days that alone are at fault: the next ones are asked for at once, but not without a breath. */
const shortRestMs = secondMs;

/**
 * Keeps the bill of one scope told until the signal aborts: the open days again and again, the history once. A failure is on
 * record with what to do and tried again later, each piece with its own patience; what the source's own spend limit holds
 * back is no failure and is said as slowed. Nothing remembers what was asked but the ledger.
 */
export async function runBillScope(
  deps: BillLoopDeps,
  collector: BillCollector,
  state: BillScopeState,
  shared: SharedByBills,
  signal: AbortSignal,
): Promise<void> {
  const { clock, ledger } = deps;
  const { breaker, slots, spending } = shared;
  const target = billTarget(state.scope);
  const patience = createPatience(deps.random, retrying);
  const pacer = createBillPacer(deps, state);
  let rest = 0;
  let told: ExternalError | undefined;

  async function next(): Promise<void> {
    const work = await workOf(deps, collector, state.scope);
    const now = clock.now();
    spending.report(target, costOfBills(collector, state.scope, work), now);
    patience.keep(new Set(work.map(({ name }) => name)));
    const piece =
      now < rest
        ? undefined
        : work.find(({ dueAt, name }) => dueAt <= now && patience.isReady(name, now));
    if (piece !== undefined) return slots.run(piece.days.end, () => attempt(piece));
    const wake = nextDue(work, patience.firstReady(now), rest, now);
    // While calls wait for money it is on record when they go on; this is only to look again.
    if (!pacer.isSlowed() || wake > rest) pacer.note(wake, null);
    await clock.sleep(Math.min(longestSleepMs, Math.max(1, wake - now)), signal);
  }

  /** Keeps its slot until a failure is dealt with, so that whoever shares the account's breaker comes after that. */
  async function attempt(piece: BillPiece): Promise<void> {
    const blocked = signal.aborted ? undefined : breaker.blocked(clock.now());
    if (signal.aborted) return;
    if (blocked !== undefined) {
      rest = blocked.until;
      if (told !== blocked.error) tell(deps, collector, state, blocked.error, undefined, rest);
      told = blocked.error;
      return;
    }
    try {
      await ask(deps, collector, state.scope, piece, signal);
      if (signal.aborted) return;
      breaker.close();
      patience.succeed(piece.name);
      told = undefined;
      if (patience.isCalm()) ledger.clearFailure(target);
    } catch (thrown) {
      failed(thrown, piece);
    }
  }

  function failed(thrown: unknown, piece: BillPiece | undefined): void {
    if (signal.aborted) return;
    const error = toExternalError(thrown, 'bills');
    const now = clock.now();
    if (error.ofOwnLimit) {
      const until = now + Math.max(shortRestMs, error.retryAfterMs ?? 0);
      pacer.note(until, `${error.message}. ${error.hint}`);
      // A limit that grows with a new forecast is seen before midnight.
      rest = Math.min(until, now + longestSleepMs);
      return;
    }
    const nextTry = patience.fail(piece?.name ?? 'ledger', error, now);
    if (error.ofCredentials) breaker.trip(error, nextTry);
    told = error;
    // An answer that makes no sense is about its days; all else is about the scope, so nothing of it is asked for.
    rest = error.reason === 'bad_response' ? now + shortRestMs : nextTry;
    tell(deps, collector, state, error, piece, nextTry);
  }

  while (!signal.aborted) {
    try {
      await next();
    } catch (thrown) {
      failed(thrown, undefined);
      await clock.sleep(Math.max(shortRestMs, rest - clock.now()), signal);
    }
  }
}

async function workOf(
  { clock, ledger, horizonSeconds }: BillLoopDeps,
  collector: BillCollector,
  scope: BillScope,
): Promise<readonly BillPiece[]> {
  const told = (await ledger.billedDays()).filter(
    (one) => one.source === scope.source && one.scope === scope.scope,
  );
  const openFrom = (now: Instant) => collector.openFrom(scope, now);
  return billWork({ scope, now: clock.now(), told, openFrom, horizonSeconds });
}

function nextDue(
  work: readonly BillPiece[],
  firstReady: Instant | undefined,
  rest: Instant,
  now: Instant,
): Instant {
  if (rest > now) return rest;
  const later = work.map(({ dueAt }) => dueAt).filter((at) => at > now);
  return Math.min(...later, firstReady ?? Number.POSITIVE_INFINITY, now + dayMs);
}

/** Asks for the days and puts what they are told on record. */
async function ask(
  { clock, ledger, log, tracer }: BillLoopDeps,
  collector: BillCollector,
  scope: BillScope,
  { days }: BillPiece,
  signal: AbortSignal,
): Promise<void> {
  const target = billTarget(scope);
  const asked = clock.now();
  const statement = await tracer.span(
    'crossbill.bill',
    { 'crossbill.source': collector.name, 'crossbill.target': target },
    () => collector.fetch(scope, days, signal),
  );
  if (signal.aborted) return;
  check(statement, scope, days);
  // By one clock, or a scope whose other clock is late would be asked without rest.
  const fetchedAt = Math.max(statement.fetchedAt, asked);
  ledger.recordBill({ ...statement, fetchedAt });
  log.debug('bill told', {
    target,
    start: isoUtc(days.start),
    end: isoUtc(days.end),
    lines: statement.lines.length,
    tookMs: clock.now() - asked,
  });
}

/** Days that were asked for and not told would be asked for without rest. */
function check(statement: BillStatement, scope: BillScope, days: Window): void {
  const isWhole =
    statement.source === scope.source &&
    statement.scope === scope.scope &&
    statement.days.start === days.start &&
    statement.days.end === days.end;
  if (isWhole) return;
  throw new ExternalError(`${billTarget(scope)}: the statement is not of the days asked for`, {
    reason: 'bad_response',
    operation: 'bills',
    hint: 'Report this: the collector does not keep to its contract.',
  });
}

/** Puts on record how a scope goes, and says so once at each change. A ledger that cannot take it stops nothing. */
function createBillPacer({ ledger, log }: BillLoopDeps, state: BillScopeState) {
  let recorded = '';
  let isSlowed = false;
  return {
    isSlowed: () => isSlowed,
    note(next: Instant, slowed: string | null): void {
      const target = billTarget(state.scope);
      const now = `${next} ${slowed ?? ''}`;
      if (now === recorded) return;
      try {
        ledger.recordBillPace(state.scope, next, slowed);
        recorded = now;
      } catch (thrown) {
        log.error('pace not recorded', { target, message: String(thrown) });
      }
      if (isSlowed === (slowed !== null)) return;
      isSlowed = slowed !== null;
      if (slowed === null) log.info('no longer slowed', { target });
      else log.warn('slowed', { target, slowed });
    },
  };
}

/** Puts a failure on record and in the log. A ledger that cannot take it either stops nothing. */
function tell(
  { clock, ledger, log }: BillLoopDeps,
  { name }: BillCollector,
  { scope }: BillScopeState,
  error: ExternalError,
  piece: BillPiece | undefined,
  nextTry: Instant,
): void {
  const target = billTarget(scope);
  const { reason, operation, message, hint } = error;
  log.warn('bill failed', {
    target,
    days: piece && `${isoUtc(piece.days.start)}/${isoUtc(piece.days.end)}`,
    reason,
    operation,
    message,
    hint,
    nextTry: isoUtc(nextTry),
  });
  try {
    const at = clock.now();
    ledger.recordFailure({ source: name, scope: target, error, at, nextTry, kind: 'bills' });
  } catch (thrown) {
    log.error('failure not recorded', { target, message: String(thrown) });
  }
}
