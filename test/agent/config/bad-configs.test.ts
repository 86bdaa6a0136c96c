import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { ConfigError, problemText } from '../../../agent/config/problems.ts';
import type { Problem } from '../../../agent/config/problems.ts';
import { expectations } from './expectations.ts';
import { env, fixtures } from './read-fixtures.ts';

function problemsOf(path: string): readonly Problem[] {
  try {
    loadConfig(path, { env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const bad = fixtures('bad');

describe('a bad configuration', () => {
  it('is tried in at least thirty ways', () => {
    expect(bad.length).toBeGreaterThanOrEqual(30);
  });

  it.each(bad)('$name: says where, what and how to mend it, and nothing else', (fixture) => {
    const expected = expectations(fixture.text);
    const found = problemsOf(fixture.path);
    expect(expected.length).toBeGreaterThan(0);
    expect(found.map(({ line, path }) => ({ line, path }))).toEqual(
      expected.map(({ line, path }) => ({ line, path })),
    );
    expected.forEach(({ fragment }, index) => {
      expect(found[index]?.message).toContain(fragment);
    });
  });

  it.each(bad)('$name: tells no value of the file, in no form of the error', (fixture) => {
    const text = problemsOf(fixture.path).map(problemText).join('\n');
    expect(text).not.toMatch(/sesame|hunter2/);
  });
});
