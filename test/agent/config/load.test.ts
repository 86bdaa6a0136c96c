import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../../agent/config/load.ts';
import { ConfigError } from '../../../agent/config/problems.ts';
import { env, goodFixture } from './read-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossbill-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function messageOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('a file that cannot be read', () => {
  it('is not there: the message names it and says how to get one', () => {
    const file = join(folder, 'crossbill.yaml');
    expect(messageOf(() => loadConfig(file, { env }))).toBe(
      `${file}: cannot be read: there is no such file; write one as the README shows it, or name another with --config`,
    );
  });

  it('is a folder', () => {
    expect(messageOf(() => loadConfig(folder, { env }))).toContain('it is a folder');
  });

  it('is no UTF-8', () => {
    const file = join(folder, 'latin1.yaml');
    writeFileSync(file, Buffer.from([0x6c, 0x3a, 0x20, 0xe9]));
    expect(messageOf(() => loadConfig(file, { env }))).toBe(
      `${file}: not UTF-8 text; save it as UTF-8`,
    );
  });
});

describe('a configuration error', () => {
  it('names file, line, column and key, one problem a line, in the order of the file', () => {
    const text = [
      'rules: [{ name: r, kind: heartbeat, notify: [nobody] }]',
      'sources:',
      '  - { name: prod, type: aws,',
      '    regoins: [us-east-1] }',
      'poll: { every: 5 }',
    ].join('\n');
    expect(messageOf(() => parseConfig(text, { file: 'crossbill.yaml', env })).split('\n')).toEqual(
      [
        'crossbill.yaml:1:46 rules[0].notify[0]: no notifier of this name; none is configured; add it under notifiers',
        'crossbill.yaml:4:5 sources[0].regoins: unknown key; did you mean "regions"?',
        'crossbill.yaml:5:16 poll.every: expected a duration, for example 5m (units s, m, h, d, w)',
      ],
    );
  });

  it('is the only thing thrown, and tells no secret, whatever is cut out of a good file', () => {
    const { text, path } = goodFixture('everything');
    const literal = text.replaceAll(/\$\{env:(\w+)\}/g, (_, name: string) => env[name] ?? '');
    fc.assert(
      fc.property(
        fc.nat(literal.length),
        fc.nat(12),
        fc.constantFrom('', ':', '"', "'", '{', ']', '\n', '\t', '- ', '&a ', '*a', '${', '#', '!'),
        (start, length, instead) => {
          const cut = literal.slice(0, start) + instead + literal.slice(start + length);
          expect(messageOf(() => parseConfig(cut, { file: path, env: {} }))).not.toContain(
            'sesame',
          );
        },
      ),
      { numRuns: 60 },
    );
  }, 30_000);
});

describe('a loaded configuration', () => {
  it('knows where each of its values stands', () => {
    const text = 'sources:\n  - name: prod\n    type: aws\nlog: {}\n';
    const loaded = parseConfig(text, { file: 'crossbill.yaml', env });
    expect(loaded.placeOf(['sources', 0, 'type'])).toEqual({ line: 3, column: 11 });
    expect(loaded.placeOf(['sources', 0, 'regions'])).toEqual({ line: 2, column: 5 });
    expect(loaded.placeOf(['log', 'level'])).toEqual({ line: 4, column: 1 });
  });
});
