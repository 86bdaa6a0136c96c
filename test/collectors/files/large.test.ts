import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { csvText, curRow, readBills } from '../../support/bill-files.ts';
import { temporaryFolder } from '../../support/cli-world.ts';

vi.setConfig({ testTimeout: 120_000 });

const rows = 200_000;
const mebibyte = 2 ** 20;

/** Every tenth row is of a model, each with a tag of its own as real bills have them; hour by hour over the month. */
function* text(): Generator<string> {
  const example = csvText([curRow({ line_item_usage_amount: '0.1', resource_tags: 'TAG' })]);
  const [header = '', model = ''] = example.split('\n');
  const other = model.replace('AmazonBedrock', 'AmazonEC2');
  yield `${header}\n`;
  for (let first = 0; first < rows; first += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, offset) => {
      const index = first + offset;
      const hour = new Date(Date.UTC(2026, 9, 1, index % 744)).toISOString().slice(0, 13);
      return (index % 10 === 0 ? model : other)
        .replace('2026-10-05T10', hour)
        .replace('TAG', `${index}-${'x'.repeat(60)}`);
    });
    yield `${some.join('\n')}\n`;
  }
}

it('a large file is read in memory that does not grow with it', async () => {
  const path = join(temporaryFolder(), 'large.csv');
  await pipeline(Readable.from(text()), createWriteStream(path));
  const heldBytes = createMeter();
  const before = heldBytes();
  let [most, looked] = [0, 0];
  const { statements, read, kept } = await readBills(path, {
    progress(done, total) {
      if (done < (total * looked) / 10) return;
      looked += 1;
      most = Math.max(most, heldBytes() - before);
    },
  });
  expect({ read, kept }).toEqual({ read: rows, kept: rows / 10 });
  const quantities = statements.flatMap(({ statement }) =>
    statement.lines.map(({ quantity }) => Number(quantity)),
  );
  expect(quantities).toHaveLength(31);
  expect(quantities.reduce((sum, one) => sum + one, 0)).toBeCloseTo(rows / 100, 6);
  expect(looked).toBeGreaterThanOrEqual(10);
  // The file has 55 MB, and kept as rows it would take more.
  expect(most).toBeLessThan(12 * mebibyte);
});

/** What is held once all garbage is collected. */
function createMeter(): () => number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  return () => {
    if (typeof collect === 'function') collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
}
