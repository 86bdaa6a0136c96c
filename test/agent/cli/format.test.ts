import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatCsv,
  formatJson,
  formatShare,
  formatTable,
  formatUsd,
  plainText,
  shorten,
  wrap,
} from '../../../agent/cli/format.ts';

describe('a table', () => {
  const columns = [
    { head: 'MODEL', align: 'left' },
    { head: 'N', align: 'right' },
  ] as const;

  it('has its numbers right, its words left, rules and no loose ends', () => {
    const rows = [
      ['b', '10'],
      ['longer-name', '1,000'],
    ];
    expect(formatTable(columns, rows, ['Total', '1,010']).split('\n')).toEqual([
      'MODEL            N',
      '───────────  ─────',
      'b               10',
      'longer-name  1,000',
      '───────────  ─────',
      'Total        1,010',
    ]);
  });

  it('can do without rows and foot', () => {
    expect(formatTable(columns, [])).toBe('MODEL  N\n─────  ─');
  });
});

describe('a number', () => {
  it.each([
    [null, '–'],
    [0, '0'],
    [1_234_567, '1,234,567'],
  ])('%s as a count is %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it.each([
    [null, '–'],
    [0, '0.00'],
    [0.00123, '0.0012'],
    [0.01, '0.01'],
    [1_234.567, '1,234.57'],
  ])('%s as dollars is %s', (value, text) => {
    expect(formatUsd(value)).toBe(text);
  });

  it.each([
    [null, '–'],
    [1, '100 %'],
    [0.9999, '99.9 %'],
    [0.29, '29 %'],
    [0, '0 %'],
  ])('%s as a share is %s', (value, text) => {
    expect(formatShare(value)).toBe(text);
  });
});

describe('CSV', () => {
  it('quotes what needs it and leaves null empty', () => {
    const rows = [
      { a: 'x,"y"\n', b: null },
      { a: 'z', b: 1.5 },
    ];
    expect(formatCsv(['a', 'b'], rows)).toBe('a,b\r\n"x,""y""\n",\r\nz,1.5\r\n');
  });

  it('has its header when there are no rows', () => {
    expect(formatCsv(['time', 'tag_a,b'], [])).toBe('time,"tag_a,b"\r\n');
  });

  it('reads back as what was written, whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 }), (pairs) => {
        const text = formatCsv(
          ['a', 'b'],
          pairs.map(([a, b]) => ({ a, b })),
        );
        expect(readCsv(text).slice(1)).toEqual(pairs);
      }),
    );
  });
});

/** A reader of RFC 4180, character by character. */
function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quoted) {
      if (character !== '"') field += character;
      else if (text.charAt(at + 1) === '"') {
        field += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') {
      record.push(field);
      field = '';
    } else if (character === '\r' && text.charAt(at + 1) === '\n') {
      records.push([...record, field]);
      record = [];
      field = '';
      at += 1;
    } else field += character;
  }
  return records;
}

it('JSON is an array with a row a line', () => {
  expect(formatJson([])).toBe('[]\n');
  expect(formatJson([{ a: 1 }, { a: null }])).toBe('[\n{"a":1},\n{"a":null}\n]\n');
});

describe('a text', () => {
  it.each([
    ['short', 5, 'short'],
    ['anthropic/claude-sonnet-4.6', 11, 'anthr…t-4.6'],
    ['abcdef', 4, 'ab…f'],
  ])('%s in %i columns is %s', (text, width, short) => {
    expect(shorten(text, width)).toBe(short);
  });

  it('is never wider than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 20 }), (text, width) => {
        expect(Array.from(shorten(text, width)).length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('from outside cannot steer the terminal', () => {
    expect(plainText('a\u001B[31mb\u0007\u009Bc\u202Ed\n')).toBe(
      'a\uFFFD[31mb\uFFFD\uFFFDc\uFFFDd\uFFFD',
    );
  });

  it('wraps at spaces', () => {
    expect(wrap('one two three four', 8)).toBe('one two\nthree\nfour');
    expect(wrap('one two', Number.POSITIVE_INFINITY)).toBe('one two');
  });
});
