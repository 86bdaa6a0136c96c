import type { Clock } from '../core/time.ts';

/** What the process holds. */
export interface ProcessMemory {
  /** Bytes the heap has taken from the system, and bytes of it in use, garbage included. */
  heap(): { readonly taken: number; readonly used: number };
  /** Collects all garbage at once and gives free pages back. Everything else stands still meanwhile: some 100 ms. */
  giveBack(): void;
  /** Whether the heap may grow by more before garbage is collected, so that what people wait for is not held up by it. */
  makeRoom(isWanted: boolean): void;
}

export interface GiveBackDeps {
  readonly clock: Clock;
  readonly memory: ProcessMemory;
  /** Asked at each look whether it is wanted any longer. */
  readonly room?: { look(): void } | undefined;
}

const lookEveryMs = 15_000;
/** What a process makes in that time that only answers a scrape. */
const quietBytes = 2 * 1024 * 1024;
/** Less is not worth standing still for, but now and then. */
const worthBytes = 4 * 1024 * 1024;
/** What a poll may leave behind. */
const littleBytes = 2 * 1024 * 1024;
const nowAndThenMs = 120_000;

/**
 * Gives back what a fill or a poll has taken, once it is over: left alone, V8 keeps garbage for as long as nobody makes
 * more, and an agent that has read its history would hold that memory for hours. Never while work is being done.
 * Resolves after the signal has aborted.
 */
export async function runGiveBack(
  { clock, memory, room }: GiveBackDeps,
  signal: AbortSignal,
): Promise<void> {
  let least = 0;
  let latest = Number.NEGATIVE_INFINITY;
  let before = memory.heap().used;
  while (!signal.aborted) {
    await clock.sleep(lookEveryMs, signal);
    if (signal.aborted) return;
    room?.look();
    const { taken, used } = memory.heap();
    const quiet = Math.abs(used - before) < quietBytes;
    before = used;
    const worth = clock.now() - latest < nowAndThenMs ? worthBytes : littleBytes;
    if (!quiet || taken < least + worth) continue;
    memory.giveBack();
    latest = clock.now();
    const after = memory.heap();
    least = after.taken;
    before = after.used;
  }
}
