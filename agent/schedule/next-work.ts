import type { Collector, MeterUnit, Target } from '../core/collector.ts';
import type { Instant } from '../core/time.ts';
import { isoUtc, minuteMs, secondMs } from '../core/time.ts';
import { createActivity, turnOf } from './activity.ts';
import type { CollectDeps } from './collect.ts';
import { dueWindows, headOf, recentWindow } from './due.ts';
import type { DueWindow } from './due.ts';
import type { Governor, TargetPace } from './governor.ts';
import type { Patience } from './patience.ts';
import { cutByUnits } from './pieces.ts';
import { costOf } from './predict.ts';
import { reachingBack, withTailsSettled } from './reach.ts';
import { rereadAfter, rereadWindows } from './reread.ts';

export interface Work extends DueWindow {
  readonly kind: 'recent' | 'gap' | 'reread';
  /** `recent`, or the gap's own name: what fails is waited for by this. */
  readonly piece: string;
  readonly costNanoUsd: bigint;
}

/** The newest minutes, whichever they are by now. */
export const recent = 'recent';
const reread = 'reread';

/** What one target is to be read for, in the order of importance: newest minutes, gaps newest first, the last day again. */
export interface Agenda {
  /** Undefined: nothing that could be read now. */
  next(target: Target, now: Instant): Work | undefined;
  /** Notes a piece as read. */
  done(target: Target, work: Work, newest: ReadonlyMap<string, Instant>): void;
  /** Notes a piece as failed: the others of its poll go first at the next try. */
  failed(work: Work): void;
  /** When the newest minutes are read next, should nothing fail. */
  readonly nextPoll: Instant;
  /** How the target goes by now. */
  pace(target: Target): TargetPace;
}

export function createAgenda(
  deps: CollectDeps,
  collector: Pick<Collector, 'price'>,
  governor: Governor,
  patience: Patience,
): Agenda {
  const { clock, ledger, settings } = deps;
  const activity = createActivity();
  let nextPoll = clock.now();
  /** When the last poll was over; undefined before the first. */
  let polledAt: Instant | undefined;
  let turn: PollTurn | undefined;
  /** Its units' keys, by the listing that they are of. */
  let listing: { readonly target: Target; readonly keys: ReadonlySet<string> } | undefined;
  /** Gaps that were found and not read since. Finding them costs as much as reading some of them. */
  let found: FoundGaps | undefined;
  /** Units of the re-read under way that were read. */
  let again: { readonly from: Instant; readonly read: Set<string> } | undefined;

  function work(kind: Work['kind'], piece: string, target: Target, due: DueWindow): Work {
    return { ...due, kind, piece, costNanoUsd: costOf(collector, target, [due]).costNanoUsd };
  }

  function startTurn(target: Target, now: Instant): readonly MeterUnit[] {
    const { idleFactor } = governor.paceOf(target.id);
    const { everySeconds } = settings;
    const some = turnOf(target, activity, headOf(now), everySeconds, idleFactor);
    const idle = new Set(some.idle);
    const busy = target.units.filter((unit) => !idle.has(unit));
    const busyNanoUsd = pollCost(target, busy, now);
    const idleNanoUsd = pollCost(target, some.idle, now);
    governor.report({
      target: target.id,
      busyNanoUsd,
      idleNanoUsd,
      busyUnits: busy.length,
      rereadNanoUsd: busyNanoUsd + idleNanoUsd,
      historyNanoUsd: busyNanoUsd + idleNanoUsd === 0n ? 0n : gapCost(target, now),
    });
    // Where reading idle units costs nothing, nothing is gained by their being late.
    return idleNanoUsd === 0n ? target.units : some.now;
  }

  function pollCost(target: Target, units: readonly MeterUnit[], now: Instant): bigint {
    if (units.length === 0) return 0n;
    const window = { ...recentWindow(target, now, settings), units };
    return costOf(collector, target, cutByUnits(target, window)).costNanoUsd;
  }

  function gapsOf(target: Target, now: Instant): readonly DueWindow[] {
    const coverage = withTailsSettled(ledger.coverage(target.id), headOf(now));
    return dueWindows(target, coverage, now, settings);
  }

  function gapCost(target: Target, now: Instant): bigint {
    return costOf(collector, target, gapsOf(target, now)).costNanoUsd;
  }

  function nextRecent(target: Target, now: Instant): Work | undefined {
    // Further away than any poll is: the clock was set back meanwhile.
    const { stretch } = governor.paceOf(target.id);
    if (nextPoll > pollAfter(now, settings.everySeconds * stretch)) nextPoll = now;
    if (now < nextPoll || !patience.isReady(recent, now)) return undefined;
    turn ??= { from: now, left: inPieces(target, startTurn(target, now), now), failed: [] };
    if (turn.left.length === 0 && now >= turn.from + settings.everySeconds * secondMs) {
      // What fails for longer than a poll does not keep the others from the next one.
      const { failed } = turn;
      const others = startTurn(target, now).filter((unit) => !holds(failed, unit));
      turn = { from: now, left: inPieces(target, others, now), failed };
    }
    const { left, failed } = turn;
    const keys = keysOf(target);
    const stillListed = (units: readonly MeterUnit[]) => units.filter(({ key }) => keys.has(key));
    const units = (left.length > 0 ? left : [failed])
      .map(stillListed)
      .find((one) => one.length > 0);
    if (units === undefined) {
      endTurn(target, now);
      return undefined;
    }
    const window = { ...recentWindow(target, now, settings), units };
    const coverage = ledger.coverage(target.id, units);
    const [first] = cutByUnits(target, reachingBack(window, coverage));
    return first && work('recent', recent, target, first);
  }

  /** Once a poll: whatever looks at all units for each of its pieces takes longer than reading them, where there are many. */
  function inPieces(target: Target, units: readonly MeterUnit[], now: Instant): PollTurn['left'] {
    if (units.length === 0) return [];
    const window = { ...recentWindow(target, now, settings), units };
    return cutByUnits(target, window).map((piece) => piece.units);
  }

  function keysOf(target: Target): ReadonlySet<string> {
    if (listing?.target !== target) {
      listing = { target, keys: new Set(target.units.map(({ key }) => key)) };
    }
    return listing.keys;
  }

  function nextGap(target: Target, now: Instant): Work | undefined {
    if (found === undefined || !isFresh(found, target, now)) {
      const gaps = new Map(gapsOf(target, now).map((gap) => [nameOf(gap), gap]));
      found = { target, at: now, gaps };
      patience.keep(new Set([recent, reread, ...gaps.keys()]));
    }
    for (const [piece, gap] of found.gaps) {
      if (!patience.isReady(piece, now)) continue;
      const next = work('gap', piece, target, gap);
      return next.costNanoUsd === 0n || governor.takeFill() ? next : undefined;
    }
    return undefined;
  }

  function nextReread(target: Target, now: Instant): Work | undefined {
    const last = ledger.rereadAt(target.id);
    if (last === undefined) {
      // All of it was read just now, or is about to be.
      ledger.recordReread(target.id, now);
      return undefined;
    }
    if (again === undefined && now < rereadAfter(target, last, settings)) return undefined;
    if (!patience.isReady(reread, now)) return undefined;
    again ??= { from: now, read: new Set() };
    const { read } = again;
    const left = target.units.filter(({ key }) => !read.has(key));
    const [first] = rereadWindows({ ...target, units: left }, now, settings);
    if (first === undefined) {
      ledger.recordReread(target.id, again.from);
      again = undefined;
      return undefined;
    }
    const next = work('reread', reread, target, first);
    return next.costNanoUsd === 0n || governor.paceOf(target.id).fills ? next : undefined;
  }

  function endTurn(target: Target, now: Instant): void {
    polledAt = now;
    turn = undefined;
    patience.succeed(recent);
    plan(target);
  }

  /** When the pace changes, so does what was planned. */
  function plan(target: Target): void {
    if (polledAt === undefined) return;
    const { stretch } = governor.paceOf(target.id);
    const planned = pollAfter(polledAt, settings.everySeconds * stretch);
    if (planned === nextPoll) return;
    nextPoll = planned;
    ledger.recordNextPoll(target.id, nextPoll);
  }

  return {
    get nextPoll() {
      return nextPoll;
    },
    next(target, now) {
      plan(target);
      if (target.units.length === 0) {
        if (nextPoll <= now) endTurn(target, now);
        return undefined;
      }
      return nextRecent(target, now) ?? nextGap(target, now) ?? nextReread(target, now);
    },
    done(target, read, newest) {
      activity.note(read, newest);
      if (read.kind === 'reread') for (const { key } of read.units) again?.read.add(key);
      if (read.kind !== 'recent' || turn === undefined) {
        patience.succeed(read.piece);
        found?.gaps.delete(read.piece);
        return;
      }
      turn = without(turn, read.units);
      if (turn.left.length === 0 && turn.failed.length === 0) endTurn(target, clock.now());
    },
    failed(read) {
      if (read.kind !== 'recent' || turn === undefined) return;
      const rest = without(turn, read.units);
      turn = { ...rest, failed: [...rest.failed, ...read.units] };
    },
    pace: (target) => governor.paceOf(target.id),
  };
}

interface FoundGaps {
  readonly target: Target;
  readonly at: Instant;
  /** By name, in the order in which they are read. */
  readonly gaps: Map<string, DueWindow>;
}

/** Time makes new gaps due, a new listing too; when all are read it is looked again whether there are more. */
function isFresh({ target, at, gaps }: FoundGaps, of: Target, now: Instant): boolean {
  return target === of && gaps.size > 0 && now >= at && now < at + minuteMs;
}

/** The units of a poll that are still to be read, by the piece they are read in; those that failed come last. */
interface PollTurn {
  readonly from: Instant;
  readonly left: readonly (readonly MeterUnit[])[];
  readonly failed: readonly MeterUnit[];
}

function without(turn: PollTurn, units: readonly MeterUnit[]): PollTurn {
  const keys = new Set(units.map(({ key }) => key));
  const still = ({ key }: MeterUnit) => !keys.has(key);
  const left = turn.left.map((piece) => piece.filter(still)).filter((piece) => piece.length > 0);
  return { ...turn, left, failed: turn.failed.filter(still) };
}

function holds(units: readonly MeterUnit[], { key }: MeterUnit): boolean {
  return units.some((unit) => unit.key === key);
}

function nameOf({ periodSeconds, window, units }: DueWindow): string {
  return `${periodSeconds} s until ${isoUtc(window.end)} from ${units[0]?.key ?? ''}`;
}

/** The next multiple of the cadence, so that all targets' points are of the same age. */
export function pollAfter(now: Instant, everySeconds: number): Instant {
  const everyMs = everySeconds * secondMs;
  return (Math.floor(now / everyMs) + 1) * everyMs;
}
