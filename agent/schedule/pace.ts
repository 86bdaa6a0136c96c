import { secondMs } from '../core/time.ts';

/** How many times as long the waits between polls may become. */
const stretches = [2, 4, 12] as const;
/** How many times as long idle units wait once money is short. */
const idleFactorWhenShort = 4;

/** What one target costs a poll. Nano-dollars. */
export interface TargetNeed {
  readonly target: string;
  readonly busyNanoUsd: bigint;
  readonly idleNanoUsd: bigint;
  /** Units that had points lately: who has least is slowed first. */
  readonly busyUnits: number;
}

/** What a source needs from now to midnight UTC, by class. */
export interface Need {
  readonly everySeconds: number;
  /** From one read of idle units to the next. */
  readonly idleSeconds: number;
  readonly targets: readonly TargetNeed[];
  readonly listingSeconds: number;
  readonly listingNanoUsd: bigint;
  /** Re-reads that are still to come today. */
  readonly rereadNanoUsd: bigint;
  /** History that is due. */
  readonly historyNanoUsd: bigint;
}

/** How fast a source goes. The higher the level, the less it spends. */
export interface Pace {
  readonly level: number;
  /** Whether history is filled and the last day read again; else they wait. */
  readonly fills: boolean;
  readonly idleFactor: number;
  /** By target, where above 1: its waits between polls are that many times as long. */
  readonly stretch: ReadonlyMap<string, number>;
}

/** Nothing waits. */
export const fullPace: Pace = { level: 0, fills: true, idleFactor: 1, stretch: new Map() };

/**
 * The fastest pace that what is left of the day's money pays for until midnight; the slowest one where none does. By
 * importance: history and re-reads wait first, then idle units, then the cadence of the least busy targets is stretched,
 * one by one, at last that of all.
 * @param leftNanoUsd of the day's limit
 * @param leftMs until midnight UTC
 */
export function decidePace(leftNanoUsd: bigint, leftMs: number, need: Need): Pace {
  const leastBusyFirst = need.targets.toSorted(
    (a, b) => a.busyUnits - b.busyUnits || (a.target < b.target ? -1 : 1),
  );
  let slowest = fullPace;
  for (const pace of ladder(leastBusyFirst)) {
    if (costOfPace(pace, leftMs, need) <= leftNanoUsd) return pace;
    slowest = pace;
  }
  return slowest;
}

/** What the source would spend until midnight at that pace. Nano-dollars. */
export function costOfPace(pace: Pace, leftMs: number, need: Need): bigint {
  const times = (seconds: number) => BigInt(Math.floor(leftMs / (seconds * secondMs)));
  let total = times(need.listingSeconds) * need.listingNanoUsd;
  if (pace.fills) total += need.rereadNanoUsd + need.historyNanoUsd;
  for (const { target, busyNanoUsd, idleNanoUsd } of need.targets) {
    const cadence = need.everySeconds * (pace.stretch.get(target) ?? 1);
    total += times(cadence) * busyNanoUsd;
    total += times(Math.max(cadence, need.idleSeconds * pace.idleFactor)) * idleNanoUsd;
  }
  return total;
}

/** Every pace from the fastest to the slowest; each waits with all that the one before it does. */
function* ladder(leastBusyFirst: readonly TargetNeed[]): Generator<Pace> {
  yield fullPace;
  yield { ...fullPace, level: 1, fills: false };
  let level = 2;
  const short = { fills: false, idleFactor: idleFactorWhenShort };
  yield { level, ...short, stretch: new Map() };
  let stretch: ReadonlyMap<string, number> = new Map();
  for (const factor of stretches) {
    for (const { target } of leastBusyFirst) {
      level += 1;
      stretch = new Map([...stretch, [target, factor]]);
      yield { level, ...short, stretch };
    }
  }
}
