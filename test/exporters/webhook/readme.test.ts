import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { notifiers } from '../../../agent/config/alerting.ts';

const folder = new URL('../../../exporters/webhook/', import.meta.url);
const readme = readFileSync(new URL('README.md', folder), 'utf8');
const rows = readme.split('\n').filter((line) => /^\| `(?!type`)/.test(line));
const named = (from: RegExp) =>
  rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(from)].map(([, name]) => name));

test('the page names every file of the folder, and no other', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  expect(new Set(named(/`([\w-]+\.ts)`/g))).toEqual(new Set(files));
});

test('the page names every channel that can be configured, and no other', () => {
  const told = new Set(named(/^ `(\w+)` +$/g));
  const refused = notifiers.safeParse([{ name: 'x', type: 'nothing-like-it' }]);
  const message = z.prettifyError(refused.error ?? new z.ZodError([]));
  const [, types = ''] = /expected one of ([\w, ]+)/.exec(message) ?? [];
  expect(told).toEqual(new Set(types.split(', ')));
});
