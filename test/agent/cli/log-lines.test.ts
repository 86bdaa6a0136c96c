import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textLines } from '../../../agent/cli/log-lines.ts';

const record = (fields: object) =>
  `${JSON.stringify({ level: 30, time: '2026-11-18T12:00:00.000Z', ...fields, msg: 'targets listed' })}\n`;

describe('a log line for people', () => {
  it('is time, level, message, then the fields in their order', () => {
    expect(textLines(record({ source: 'prod-aws', targets: 3, units: 96 }))).toBe(
      '2026-11-18T12:00:00.000Z info  targets listed source=prod-aws targets=3 units=96\n',
    );
  });

  it.each([
    [10, 'trace'],
    [20, 'debug'],
    [30, 'info '],
    [40, 'warn '],
    [50, 'error'],
    [60, 'fatal'],
    [35, '35'],
  ])('has level %i as %s', (level, word) => {
    expect(textLines(JSON.stringify({ level, msg: 'm' }))).toBe(`${word} m\n`);
  });

  it.each([
    ['one word', 'prod-aws/111122223333', 'prod-aws/111122223333'],
    ['several words', 'no such file', '"no such file"'],
    ['nothing', '', '""'],
    ['a quote', 'a"b', '"a\\"b"'],
    ['what looks like a field', 'a=b', '"a=b"'],
    ['a path of another system', 'C:\\new', '"C:\\\\new"'],
    ['a line end', 'a\nb', '"a\\nb"'],
    ['a line end of Unicode', 'a\u2028b', '"a\\u2028b"'],
    ['an escape sequence', '\u001B[2Jx', '"\\u001b[2Jx"'],
    ['an escape sequence in one character', '\u009B2Jx', '"\\u009b2Jx"'],
    ['a change of the reading direction', 'a\u202Eb', '"a\\u202eb"'],
    ['an invisible tag', 'a\u{E0041}b', '"a\\u{e0041}b"'],
    ['a word with an umlaut', 'Zürich', 'Zürich'],
    ['a list', ['a b', 1], '["a b",1]'],
    ['an object', { reason: 'denied' }, '{"reason":"denied"}'],
    ['null', null, 'null'],
    ['false', false, 'false'],
  ])('writes %s so that it can be told apart', (_name, value, text) => {
    expect(textLines(record({ value }))).toBe(
      `2026-11-18T12:00:00.000Z info  targets listed value=${text}\n`,
    );
  });

  it('spells out line ends and escape sequences in message and keys too', () => {
    const line = JSON.stringify({ level: 40, msg: 'one\ntwo\u001B[0m', 'a key\n': 1 });
    expect(textLines(line)).toBe('warn  one\\ntwo\\u001b[0m "a key\\n"=1\n');
  });

  it('is one for every record of a chunk', () => {
    expect(textLines(`${record({ n: 1 })}${record({ n: 2 })}`).split('\n')).toEqual([
      '2026-11-18T12:00:00.000Z info  targets listed n=1',
      '2026-11-18T12:00:00.000Z info  targets listed n=2',
      '',
    ]);
  });

  it.each(['null', '[1]', '5', '"text"', '{', 'plain words', '{}'])(
    'leaves %s as it is',
    (line) => {
      expect(textLines(line)).toBe(`${line}\n`);
    },
  );

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => !textLines(text).includes('\r')),
    );
  });

  it('has one line a record and no character that moves the cursor, whatever a record carries', () => {
    const records = fc.dictionary(
      fc.string({ unit: 'binary' }),
      fc.jsonValue({ stringUnit: 'binary' }),
    );
    fc.assert(
      fc.property(records, (fields) => {
        const lines = textLines(`${JSON.stringify(fields)}\n`);
        expect(lines.endsWith('\n')).toBe(true);
        expect(lines.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
