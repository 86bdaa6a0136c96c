import { describe, expect, it } from 'vitest';
import { ConfigError, dottedPath, problemText } from '../../../agent/config/problems.ts';
import type { Problem } from '../../../agent/config/problems.ts';

describe('dottedPath', () => {
  it.each([
    [[], ''],
    [['sources', 0, 'regions', 2], 'sources[0].regions[2]'],
    [['contracts', 'openai.input_includes_cached'], 'contracts.openai.input_includes_cached'],
    [['models', 'aliases', 'azure/my-model'], 'models.aliases.azure/my-model'],
    [['notifiers', 0, 'token:hunter2'], 'notifiers[0].***'],
    [['notifiers', 0, 'token hunter2'], 'notifiers[0].***'],
    [['x'.repeat(65)], '***'],
  ])('%j is %s', (path, expected) => {
    expect(dottedPath(path)).toBe(expected);
  });
});

describe('problemText', () => {
  it.each([
    [{ file: 'c.yaml', line: 3, column: 5, path: 'a.b', message: 'm' }, 'c.yaml:3:5 a.b: m'],
    [{ file: 'c.yaml', line: 3, column: 5, path: '', message: 'm' }, 'c.yaml:3:5: m'],
    [{ file: 'c.yaml', path: '', message: 'm' }, 'c.yaml: m'],
  ])('%j', (problem, expected) => {
    expect(problemText(problem)).toBe(expected);
  });
});

function at(line: number, column: number): Problem {
  return { file: 'c.yaml', line, column, path: 'a', message: 'm' };
}

describe('ConfigError', () => {
  it('sorts by line, then column, and says nothing twice', () => {
    const error = new ConfigError([at(10, 1), at(2, 9), at(2, 1), at(10, 1)]);
    expect(error.message).toBe('c.yaml:2:1 a: m\nc.yaml:2:9 a: m\nc.yaml:10:1 a: m');
    expect(error.problems).toHaveLength(3);
  });
});
