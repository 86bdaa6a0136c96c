import type { Collector, Target } from '../core/collector.ts';
import type { ApiCallReader } from '../core/store.ts';
import type { Clock } from '../core/time.ts';
import { dayMs, floorTo, secondMs } from '../core/time.ts';
import { idlePolls } from './activity.ts';
import { nextMidnight } from './api-meter.ts';
import type { CollectSettings } from './collect.ts';
import { decidePace, fullPace } from './pace.ts';
import type { Need, Pace, TargetNeed } from './pace.ts';
import { predictDay } from './predict.ts';
import { rereadMsOf } from './reread.ts';
import type { SpendLimits } from './spend-limits.ts';
import { usdText } from './spend-limits.ts';

/** What a target tells of itself at each poll. */
export interface Report extends TargetNeed {
  readonly historyNanoUsd: bigint;
  readonly rereadNanoUsd: bigint;
}

/** How one target goes by now. */
export interface TargetPace {
  readonly fills: boolean;
  readonly idleFactor: number;
  readonly stretch: number;
  /** What waits and why, for a person; null where nothing does. */
  readonly slowed: string | null;
}

/** Keeps one source within what it may spend a day: it slows by importance before it stops. */
export interface Governor {
  /** After each listing. */
  listed(targets: readonly Target[]): void;
  report(need: Report): void;
  paceOf(target: string): TargetPace;
  /** Asks to read a piece of history: granted at full pace, else once an hour, so that all of it comes in the end. */
  takeFill(): boolean;
  /** Holds the money of a read until it is over; undefined where the day has none left for it. */
  reserve(costNanoUsd: bigint): (() => void) | undefined;
  /** Why nothing more is read today. */
  stopped(): string;
}

export interface GovernorDeps {
  readonly clock: Clock;
  readonly ledger: ApiCallReader;
  readonly settings: CollectSettings;
  readonly limits?: SpendLimits;
}

const trickleMs = 3_600_000;

export function createGovernor(
  { clock, ledger, settings, limits }: GovernorDeps,
  collector: Pick<Collector, 'name' | 'price' | 'priceListing'>,
): Governor {
  const { name } = collector;
  const reports = new Map<string, Report>();
  let day: bigint = 0n;
  let listingNanoUsd = 0n;
  let reserved = 0n;
  let lastFill = Number.NEGATIVE_INFINITY;
  let decided: { readonly at: number; readonly pace: Pace; readonly why: string } | undefined;
  /** The most history that was due on the day so far; what is filled of it is spent, not left. */
  let history = { day: 0, nanoUsd: 0n };

  function spend(): Money | undefined {
    const limit = limits?.of(name);
    return limit === undefined ? undefined : { limit, spent: ledger.apiSpent(name, clock.now()) };
  }

  function need(): Need {
    const targets = [...reports.values()];
    const { everySeconds, discoverySeconds } = settings;
    return {
      everySeconds,
      idleSeconds: everySeconds * idlePolls(everySeconds),
      targets,
      listingSeconds: discoverySeconds,
      listingNanoUsd,
      rereadNanoUsd: targets.reduce((sum, one) => sum + one.rereadNanoUsd, 0n) * rereadsLeft(),
      historyNanoUsd: dueHistory(),
    };
  }

  function dueHistory(): bigint {
    return [...reports.values()].reduce((sum, one) => sum + one.historyNanoUsd, 0n);
  }

  function rereadsLeft(): bigint {
    const now = clock.now();
    return BigInt(Math.floor((nextMidnight(now) - now) / rereadMsOf(settings)));
  }

  /** An ordinary day and the history that is due, once. */
  function predict(): void {
    const today = floorTo(clock.now(), dayMs);
    const due = dueHistory();
    if (history.day !== today) history = { day: today, nanoUsd: due };
    else if (due > history.nanoUsd) history = { day: today, nanoUsd: due };
    limits?.predict(name, day + history.nanoUsd);
  }

  /** Decided anew once a poll, or what is slowed would change from one call to the next. */
  function pace(): { readonly pace: Pace; readonly why: string } {
    const now = clock.now();
    const poll = floorTo(now, settings.everySeconds * secondMs);
    if (decided !== undefined && decided.at === poll) return decided;
    const money = spend();
    if (money === undefined) return { pace: fullPace, why: '' };
    const left = money.limit - money.spent;
    const chosen = decidePace(left > 0n ? left : 0n, nextMidnight(now) - now, need());
    const why = spentText(name, money);
    decided = { at: poll, pace: chosen, why };
    return decided;
  }

  return {
    listed(targets) {
      const known = new Set(targets.map(({ id }) => id));
      for (const id of reports.keys()) if (!known.has(id)) reports.delete(id);
      day = predictDay(collector, targets, settings).costNanoUsdPerDay;
      listingNanoUsd = collector.priceListing(targets).costNanoUsd;
      decided = undefined;
      predict();
    },
    report(one) {
      const known = reports.get(one.target);
      reports.set(one.target, one);
      // The first word of a target changes what all of them need.
      if (known === undefined) decided = undefined;
      predict();
    },
    paceOf(target) {
      const { pace: now, why } = pace();
      const stretch = now.stretch.get(target) ?? 1;
      return {
        fills: now.fills,
        idleFactor: now.idleFactor,
        stretch,
        slowed: slowedText(now, stretch, settings.everySeconds, why),
      };
    },
    takeFill() {
      const granted = pace().pace.fills || clock.now() - lastFill >= trickleMs;
      if (granted) lastFill = clock.now();
      return granted;
    },
    reserve(costNanoUsd) {
      const money = spend();
      if (
        money !== undefined &&
        costNanoUsd > 0n &&
        money.spent + reserved + costNanoUsd > money.limit
      ) {
        return undefined;
      }
      reserved += costNanoUsd;
      return () => {
        reserved -= costNanoUsd;
      };
    },
    stopped() {
      const money = spend();
      return `nothing is read until 00:00 UTC: ${spentText(name, money ?? { spent: 0n, limit: 0n })}`;
    },
  };
}

interface Money {
  readonly limit: bigint;
  readonly spent: bigint;
}

function spentText(source: string, { spent, limit }: Money): string {
  return `source ${source} spent ${usdText(spent)} of the ${usdText(limit)} it may spend today on its calls; raise api_spend_limit or poll.every`;
}

function slowedText(
  { fills, idleFactor }: Pace,
  stretch: number,
  everySeconds: number,
  why: string,
): string | null {
  const parts: string[] = [];
  if (stretch > 1) {
    parts.push(
      `read every ${spanText(everySeconds * stretch)} instead of ${spanText(everySeconds)}`,
    );
  }
  if (idleFactor > 1) {
    const seconds = everySeconds * idlePolls(everySeconds) * idleFactor;
    parts.push(`idle series every ${spanText(seconds)}`);
  }
  if (!fills) parts.push('history and the re-read of the last day wait');
  return parts.length === 0 ? null : `${parts.join(', ')}: ${why}`;
}

/** `90 s`, `10 min`, `1 h`. */
function spanText(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
