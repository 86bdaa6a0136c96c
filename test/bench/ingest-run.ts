import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

import { tuneV8 } from '../../agent/cli/v8.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import { canonicalOf } from '../../agent/normalize/canonical-of.ts';
import { defaultPrices } from '../../agent/pricing/genai/default-prices.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { openOurs, openRaw } from './ingest-sinks.ts';
import type { Sink, Spent } from './ingest-sinks.ts';
import { day0, polls, seriesCount } from './ingest-world.ts';

/**
 * One process of the ingest benchmark: reads rounds of polls into empty files and prints what each round took of each of the
 * sides it is called with. `ledger`; `priced`, with the default prices; a bare table: by `series`, each poll's rows as it
 * delivers them, or by `time`, minute by minute. Several sides take every poll in turns, so that whatever else the machine
 * does falls on all of them.
 */
const sides = process.argv.slice(2);
// As the agent does.
tuneV8(false);

const first = { start: day0 + 12 * hourMs, end: day0 + 12.5 * hourMs };
const overlap = { start: first.start + 5 * minuteMs, end: first.end + 5 * minuteMs };
const next = { start: overlap.end, end: overlap.end + 30 * minuteMs };
const rounds: readonly (readonly [name: string, window: Window])[] = [
  ['the first half hour', first],
  ['the same again', first],
  ['five new minutes of thirty', overlap],
  ['the next half hour', next],
];

const prices = sides.includes('priced') ? await defaultPrices(canonicalOf) : [];
const folder = mkdtempSync(join(tmpdir(), 'crossbill-ingest-'));

function open(name: string): readonly Sink[] {
  return sides.map((side) => {
    const path = join(folder, `${name}-${side}.db`);
    if (side === 'series' || side === 'time') return openRaw(path, side);
    return openOurs(path, side === 'priced' ? createRater(prices, []) : undefined);
  });
}

/** Returns how many rows each side was given. */
async function read(sinks: readonly Sink[], window: Window, most?: number): Promise<number> {
  let rows = 0;
  let turn = sinks;
  for (const poll of polls(window, most)) {
    for (const [index, sink] of turn.entries()) {
      await setImmediate();
      const count = sink.take(poll);
      rows += index === 0 ? count : 0;
    }
    await setImmediate();
    turn = turn.toReversed();
  }
  for (const sink of sinks) sink.end(window);
  return rows;
}

// An agent has run for a while: so has the code, into other files.
const others = open('other');
await read(others, { start: day0, end: day0 + 30 * minuteMs }, 10);
for (const other of others) other.close();

const sinks = open('measured');
const delay = monitorEventLoopDelay({ resolution: 1 });
const spent: Record<string, readonly Spent[]> = {};
let rows = 0;
delay.enable();
for (const [name, window] of rounds) {
  rows = await read(sinks, window);
  spent[name] = sinks.map((sink) => sink.spent());
}
delay.disable();
for (const sink of sinks) sink.close();
rmSync(folder, { recursive: true });
const told = {
  spent,
  series: seriesCount,
  rows,
  peakRssMb: peakRssMb(),
  p99Ms: delay.percentile(99) / 1e6,
  longestMs: delay.max / 1e6,
};
process.stdout.write(`${JSON.stringify(told)}\n`);

/** Of this process alone: what the system calls its maximum counts the parent's pages too, from before the start. */
function peakRssMb(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024;
  } catch {
    return process.resourceUsage().maxRSS / 1_024;
  }
}
