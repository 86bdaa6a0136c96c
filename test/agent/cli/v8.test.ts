import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const script = `
import { tuneV8, v8Memory } from './agent/cli/v8.ts';
tuneV8(false);
const kept = [];
// Old enough to lie where only a whole collection looks.
let dropped = [];
for (let i = 0; i < 200_000; i += 1) {
  const one = { i, text: 'number ' + i, list: [i] };
  if (i % 10 === 0) kept.push(one);
  else dropped.push(one);
}
dropped = undefined;
const before = v8Memory.heap();
v8Memory.giveBack();
const after = v8Memory.heap();
v8Memory.giveBack();
v8Memory.makeRoom(true);
v8Memory.makeRoom(false);
console.log(JSON.stringify({ before, after, kept: kept.length, calls: typeof gc }));
`;

test('every flag is one that this Node knows, and garbage is given back', () => {
  const argv = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { before, after, calls } = JSON.parse(stdout);
  expect(after.used).toBeLessThan(before.used);
  expect(after.taken).toBeLessThan(before.taken);
  expect(calls, 'no code gets the collection itself').toBe('undefined');
});
