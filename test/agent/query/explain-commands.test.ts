import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellWord } from '../../../agent/query/explain-commands.ts';

function readByShell(words: readonly string[]): readonly string[] {
  const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
  const told = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: {} });
  return told.split('\0').slice(0, -1);
}

describe('a word for a shell', () => {
  it.each([
    ['plain', '/subscriptions/1/x-y', '/subscriptions/1/x-y'],
    ['a filter', "A eq 'b' and C eq '*'", `"A eq 'b' and C eq '*'"`],
    ['an expansion', '$(touch x)', "'$(touch x)'"],
    ['an expansion beside quotes', "it's `x`", String.raw`'it'\''s ${'`x`'}'`],
    ['nothing', '', "''"],
  ])('%s', (_name, text, quoted) => {
    expect(shellWord(text)).toBe(quoted);
  });

  it('comes out of a shell as it went in, whatever a cloud calls its things', () => {
    const anyWord = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
      fc.string({
        unit: fc.constantFrom("'", '"', '$', '`', '\\', '!', ' ', '*', '\n', '~', '#', 'a'),
      }),
    );
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 1, maxLength: 20 }), (words) => {
        expect(readByShell(words)).toEqual(words);
      }),
      { numRuns: 25 },
    );
  });
});
