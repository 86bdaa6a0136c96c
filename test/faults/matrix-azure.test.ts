import { expect, test } from 'vitest';
import { runMatrix } from './run-matrix.ts';
import { lineOf, readTable, writeTable } from './table.ts';

test('every fault of every azure call is told, leaves the others alone, writes no zero and heals', async () => {
  const found = await runMatrix('azure');
  const wrong = found.flatMap(({ cell, seen }) =>
    seen.amiss.map((what) => `${cell.script} of ${cell.call}: ${what}`),
  );
  const lines = found.map(({ cell, seen }) => lineOf(cell, seen));
  if (process.env['UPDATE_MATRIX'] === '1') writeTable('azure', lines);
  expect(wrong).toEqual([]);
  expect(lines, 'the committed MATRIX.md; UPDATE_MATRIX=1 writes it anew').toEqual(
    readTable('azure'),
  );
}, 1_200_000);
