import { runCell } from './cell.ts';
import type { Cell, Seen } from './cell.ts';
import { cellsOf } from './cells.ts';
import { smallTraffic } from './small-world.ts';

/** Cells that wait for timeouts, beside one another; they leave the machine to the others. */
const waitingAtOnce = 8;
const othersAtOnce = 2;
const waitingTimeoutMs = 5_000;

interface Found {
  readonly cell: Cell;
  readonly seen: Seen;
}

/** Every cell of a cloud with what was seen of it, in the order of the table. */
export async function runMatrix(cloud: Cell['cloud']): Promise<readonly Found[]> {
  const traffic = smallTraffic();
  const cells = cellsOf(cloud).map((cell, at) => ({ cell, at }));
  const found: Found[] = [];
  const waits = ({ cell }: { readonly cell: Cell }) => cell.timeoutMs < waitingTimeoutMs;
  const run = (some: typeof cells, atOnce: number) => {
    const queue = some.values();
    const lane = async () => {
      for (const { cell, at } of queue) found[at] = { cell, seen: await runCell(cell, traffic) };
    };
    return Promise.all(Array.from({ length: atOnce }, lane));
  };
  await Promise.all([
    run(cells.filter(waits), waitingAtOnce),
    run(
      cells.filter((one) => !waits(one)),
      othersAtOnce,
    ),
  ]);
  return found;
}
