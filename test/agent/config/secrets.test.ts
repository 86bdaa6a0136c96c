import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isSecretText, SecretError, secretText } from '../../../agent/config/secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'crossbill-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('a secret text', () => {
  it('is printed as *** in every way there is', () => {
    const secret = secretText('sesame', { env: {}, directory });
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect(secret),
      inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
      inspect(secret, { customInspect: false }),
      Object.entries(secret).join(' '),
    ];
    for (const text of shown) expect(text).not.toContain('sesame');
    expect(String(secret)).toBe('***');
    expect(inspect([secret])).toBe('[ *** ]');
    expect(JSON.stringify([secret])).toBe('["***"]');
  });

  it('reads its file again each time it is asked', () => {
    const file = join(directory, 'rotated');
    const secret = secretText(`Bearer \${file:${file}}`, { env: {}, directory });
    writeFileSync(file, 'first\n');
    expect(secret.reveal()).toBe('Bearer first');
    writeFileSync(file, 'second\r\n');
    expect(secret.reveal()).toBe('Bearer second');
    unlinkSync(file);
    expect(() => secret.reveal()).toThrow(
      new SecretError(`file ${file} cannot be read: there is no such file`),
    );
  });

  it('counts a relative file from the folder of the configuration', () => {
    writeFileSync(join(directory, 'token'), 'beside');
    expect(secretText('${file:token}', { env: {}, directory }).reveal()).toBe('beside');
    expect(secretText('${file:./token}', { env: {}, directory }).reveal()).toBe('beside');
  });

  const env = { A: 'one', B: '${env:A}', _C3: '' };
  it.each([
    ['a text without references', 'plain $ {env:A} $A', 'plain $ {env:A} $A'],
    ['two references and what stands between', '${env:A}-${env:A}', 'one-one'],
    ['a value that looks like a reference', '${env:B}', '${env:A}'],
    ['an empty variable', '<${env:_C3}>', '<>'],
    ['an escaped reference', '$${env:A} ${env:A}', '${env:A} one'],
    ['nothing', '', ''],
  ])('reveals %s', (_, template, expected) => {
    expect(secretText(template, { env, directory }).reveal()).toBe(expected);
  });

  it.each([
    ['a variable that is not set', '${env:MISSING}', 'environment variable MISSING is not set'],
    ['a folder', '${file:.}', 'file . cannot be read: it is a folder'],
    ['an unknown kind', '${vault:kv/x}', 'not a reference: write ${env:NAME} or ${file:/path}'],
    ['no kind', '${A}', 'not a reference'],
    ['no name', '${env:}', 'not a reference'],
    ['no end', 'x${env:A', 'not a reference'],
    ['a name with a blank', '${env:A B}', 'not the name of an environment variable'],
  ])('complains about %s', (_, template, expected) => {
    expect(() => secretText(template, { env, directory }).reveal()).toThrow(expected);
  });

  it('reveals any text with every ${ doubled to $${ as that text', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', 'env:A', 'x', ':')), (parts) => {
        const text = parts.join('').replaceAll('$$', '$');
        const escaped = text.replaceAll('${', () => '$${');
        expect(secretText(escaped, { env, directory }).reveal()).toBe(text);
      }),
    );
  });

  it.each([
    ['a text', 'sesame', false],
    ['nothing', null, false],
    ['what only looks like one', { reveal: String, toJSON: String }, false],
    ['one', secretText('', { env, directory }), true],
  ])('is told from %s', (_, value, expected) => {
    expect(isSecretText(value)).toBe(expected);
  });
});
