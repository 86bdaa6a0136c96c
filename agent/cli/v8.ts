import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ProcessMemory } from '../upkeep/give-back-loop.ts';

/**
 * Has the process rest small.
 * @param isWatched whether somebody waits for what it reads first, which then counts for more
 */
export function tuneV8(isWatched: boolean): void {
  // The one WebAssembly module here is the HTTP parser behind `fetch`. V8's second compiler takes 25 MB for its one large
  // function, 14 of which the process never gives back, and makes nothing faster that anybody would notice.
  setFlags(['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']);
  // Code is optimized after it has run fifteen times as long as V8 asks for. A first hour of a thousand series takes a fifth
  // less CPU, for what is optimized sooner is soon over; a fill of days takes no more, for its code gets there all the same.
  // V8 13, of Node 24, has no such flag and would complain.
  const hasBudget = Number.parseInt(process.versions.v8, 10) < 13;
  if (hasBudget) setFlagsFromString('--interrupt-budget=1000000');
  // Code that was not run from one rest to the next is let go, with what the baseline compiler made of it, and compiled
  // again where it runs once more.
  setFlagsFromString('--bytecode-old-age=2');
  setFlagsFromString('--flush-baseline-code');
  // Young garbage is a megabyte or two at a time: threads that help with it cost more of a processor than they save.
  setFlagsFromString('--no-parallel-scavenge');
  if (!isWatched) setFlags(small);
}

/**
 * Garbage is collected at a smaller heap: reading in thousands of series peaks 40 MB lower. It takes a quarter longer, and a
 * first fill half as much again, so not where somebody watches it.
 */
const small = ['--optimize-for-size', '--heap-growing-percent=0'];
/** The heap may grow by a third before all of it is collected: answers come in half the time, and without the longest waits. */
const roomy = ['--no-optimize-for-size', '--heap-growing-percent=30'];

function setFlags(flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag);
}

/** All code would go that was not run since the collection right before. */
const movingTogether = [
  '--compact-on-every-full-gc',
  '--no-flush-bytecode',
  '--no-flush-baseline-code',
];
const asEver = ['--no-compact-on-every-full-gc', '--flush-bytecode', '--flush-baseline-code'];

let collectGarbage: (() => void) | undefined;

/** Of this process. */
export const v8Memory: ProcessMemory = {
  heap() {
    const { total_heap_size: taken, used_heap_size: used } = getHeapStatistics();
    return { taken, used };
  },
  giveBack() {
    collectGarbage ??= wholeCollection();
    collectGarbage();
    // Then half of the pages are moved together. With the garbage still there it would first take 10 MB more.
    setFlags(movingTogether);
    collectGarbage();
    setFlags(asEver);
  },
  makeRoom(isWanted) {
    setFlags(isWanted ? roomy : small);
  },
};

/** V8 has a whole collection only behind a flag, and gives it to contexts that are made under it. */
function wholeCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return collect;
}
