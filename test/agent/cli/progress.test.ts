import { expect, it } from 'vitest';
import { startProgress } from '../../../agent/cli/progress.ts';
import { memoryTerminal } from '../../support/memory-terminal.ts';

it('is a line for every tenth where there is no terminal', () => {
  const terminal = memoryTerminal(80, false);
  const progress = startProgress(terminal, 40, 'backfill');
  for (const done of [0, 1, 3, 4, 5, 7, 25, 40]) progress.update(done);
  progress.stop();
  expect(terminal.text().split('\n')).toEqual([
    'backfill: 10 % (4 of 40)',
    'backfill: 60 % (25 of 40)',
    'backfill: 100 % (40 of 40)',
    '',
  ]);
});

it('is done at once when there is nothing to do', () => {
  const terminal = memoryTerminal(80, false);
  const progress = startProgress(terminal, 0, 'backfill');
  progress.update(0);
  progress.stop();
  expect(terminal.text()).toBe('backfill: 100 % (0 of 0)\n');
});

it.each([40, 80, 120])(
  'is a bar on a terminal of %i columns that ends with its line',
  (columns) => {
    const terminal = memoryTerminal(columns);
    const progress = startProgress(terminal, 40, 'backfill');
    progress.update(10);
    progress.update(40);
    progress.stop();
    const text = terminal.text();
    expect(text).toMatch(/backfill {2}█+ {2}100 % {2}40\/40/);
    expect(text.endsWith('\n')).toBe(true);
    expect(text).not.toContain('NaN');
  },
);

it.each([24, 40, 60, 80, 120])('keeps to a terminal of %i columns', (columns) => {
  const terminal = memoryTerminal(columns);
  const progress = startProgress(terminal, 12_345, 'a label that is longer than need be, by far');
  progress.update(12_000);
  progress.update(12_345);
  progress.stop();
  const drawn = terminal
    .text()
    .replaceAll('\u001B[1G', '\n')
    .replaceAll('\u001B[0K', '')
    .split('\n')
    .map((text) => Array.from(text).length);
  expect(drawn.length).toBeGreaterThan(2);
  expect(Math.max(...drawn)).toBeLessThan(columns);
});

it('leaves wrapping and the remembered place of the cursor alone: log lines go between', () => {
  const terminal = memoryTerminal(80);
  const progress = startProgress(terminal, 40, 'backfill');
  progress.update(40);
  progress.stop();
  for (const code of ['7', '8', '[?7l', '[?7h']) {
    expect(terminal.text()).not.toContain(`\u001B${code}`);
  }
});

it('says how long it takes only once it can know', () => {
  const terminal = memoryTerminal(120);
  const progress = startProgress(terminal, 40, 'backfill');
  progress.stop();
  expect(terminal.text()).toMatch(/0 % {2}0\/40/);
  expect(terminal.text()).not.toContain('left');
});
