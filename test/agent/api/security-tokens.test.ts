import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { bearerIn, createTokenBook } from '../../../agent/api/auth.ts';
import type { ApiToken } from '../../../agent/api/auth.ts';
import { secretText } from '../../../agent/config/secrets.ts';

function bookOf(template: string, directory: string, env: Record<string, string> = {}) {
  const token: ApiToken = {
    name: 'a',
    token: secretText(template, { env, directory }),
    scope: 'read',
    match: {},
  };
  const errors: unknown[] = [];
  const book = createTokenBook([token], (error) => errors.push(error));
  return { book, errors, isKnown: (secret: string) => book.find(secret) === token };
}

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it.each([
  ['written anew', (path: string) => writeFileSync(path, 'sesame-new')],
  [
    'put in its place under the same name',
    (path: string) => {
      writeFileSync(`${path}.new`, 'sesame-new\n');
      renameSync(`${path}.new`, path);
    },
  ],
])('a secret in a file is seen at once when another is %s', (_, rotate) => {
  const folder = tempFolder();
  const path = join(folder, 'token');
  writeFileSync(path, 'sesame-old\n');
  const { isKnown } = bookOf('${file:token}', folder);
  expect([isKnown('sesame-old'), isKnown('sesame-old'), isKnown('sesame-new')]).toEqual([
    true,
    true,
    false,
  ]);
  rotate(path);
  expect([isKnown('sesame-old'), isKnown('sesame-new')]).toEqual([false, true]);
});

it('a secret behind a link is seen at once when the link is swapped, as Kubernetes does', () => {
  const folder = tempFolder();
  writeFileSync(join(folder, '1'), 'sesame-1');
  writeFileSync(join(folder, '2'), 'sesame-2');
  symlinkSync('1', join(folder, 'token'));
  const { isKnown } = bookOf('${file:token}', folder);
  expect(isKnown('sesame-1')).toBe(true);
  symlinkSync('2', join(folder, 'next'));
  renameSync(join(folder, 'next'), join(folder, 'token'));
  expect([isKnown('sesame-1'), isKnown('sesame-2')]).toEqual([false, true]);
});

it('a secret in a variable is seen at once', () => {
  const env = { TOKEN: 'sesame-old' };
  const { isKnown } = bookOf('${env:TOKEN}', '/', env);
  expect(isKnown('sesame-old')).toBe(true);
  env.TOKEN = 'sesame-new';
  expect([isKnown('sesame-old'), isKnown('sesame-new')]).toEqual([false, true]);
});

it('a secret whose file is gone admits nobody, and says which file', () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'token'), 'sesame');
  const { isKnown, errors } = bookOf('${file:token}', folder);
  expect(isKnown('sesame')).toBe(true);
  rmSync(join(folder, 'token'));
  expect(isKnown('sesame')).toBe(false);
  expect(String(errors[0])).toContain('file token cannot be read: there is no such file');
});

it('nothing of a secret is in what is kept of it', () => {
  const { book, isKnown } = bookOf('sesame-written', '/');
  expect(isKnown('sesame-written')).toBe(true);
  expect(inspect(book, { depth: 9 })).not.toContain('sesame');
  expect(inspect(book.named('a'), { depth: 9 })).not.toContain('sesame');
  expect(secretText('sesame-written', { env: {}, directory: '/' }).stamp()).not.toContain('sesame');
});

it.each([
  ['Bearer abc', 'abc'],
  ['bearer   abc  ', 'abc'],
  ['Bearer', undefined],
  ['Bearer ', undefined],
  ['Bearer a b', undefined],
  ['Bearer\tabc', undefined],
  ['Basic abc', undefined],
  ['', undefined],
  [undefined, undefined],
])('%j shows %j', (header, token) => {
  expect(bearerIn(header)).toBe(token);
});
