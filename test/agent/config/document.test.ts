import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../agent/config/document.ts';

function problemsIn(text: string): readonly string[] {
  const { problems } = readDocument(text, 'c.yaml', { env: {}, directory: '.' });
  return problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

describe('readDocument', () => {
  it('tells an empty value from an empty text', () => {
    const { tree } = readDocument("a:\nb: ''\nc: ~\nd: 'null'\n", 'c.yaml', {
      env: {},
      directory: '.',
    });
    expect(tree).toMatchObject({ a: null, c: null });
    expect(tree).not.toMatchObject({ b: null });
    expect(tree).not.toMatchObject({ d: null });
  });

  it.each([
    ['aliases that multiply', bomb(9), /too deep or too large/],
    ['an alias of what holds it', 'a: &a [*a]\n', /too deep or too large/],
    ['a nesting without end', `a: ${'['.repeat(60)}${']'.repeat(60)}\n`, /too deep or too large/],
    ['a key that is a list', '? [a, b]\n: c\n', /a key must be a word/],
    ['a key that is nothing', ': c\n', /a key must be a word/],
  ])('refuses %s', (_, text, expected) => {
    const problems = problemsIn(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  it('takes __proto__ for the key that it is', () => {
    const { tree } = readDocument('__proto__: { polluted: x }\n', 'c.yaml', {
      env: {},
      directory: '.',
    });
    expect(Object.keys(tree ?? {})).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });

  it('keeps a key with a dot apart from a key within a key', () => {
    const document = readDocument('a.b: 1\na:\n  b: 2\n', 'c.yaml', { env: {}, directory: '.' });
    expect(document.placeOf(['a.b'], 'key').line).toBe(1);
    expect(document.placeOf(['a', 'b'], 'key').line).toBe(3);
  });
});

/** Each level holds ten times the one before. */
function bomb(levels: number): string {
  const lines = ['a0: &a0 x'];
  for (let level = 1; level <= levels; level += 1) {
    lines.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
  }
  return lines.join('\n');
}
