import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packTrace } from '../../../collectors/emulator/pack-trace.ts';
import { loadTrace, minutesOf, unpackTrace } from '../../../collectors/emulator/trace.ts';
import { decodeVarints, encodeVarints } from '../../../collectors/emulator/varint.ts';

const header = 'TIMESTAMP,ContextTokens,GeneratedTokens';

function total(column: Uint16Array): number {
  return column.reduce((sum, tokens) => sum + tokens, 0);
}

describe('a packed recording', () => {
  it('gives back what was recorded, times to the millisecond', () => {
    const csv = [
      header,
      '2023-11-16 18:17:03.9799600,4808,10',
      '2023-11-16 18:17:04.0319600,3180,8',
      '2023-11-16 18:19:00.5000000,3,2000',
    ].join('\n');
    const trace = unpackTrace(packTrace(csv));
    expect([...trace.offsetsMs]).toEqual([0, 52, 116_521]);
    expect([...trace.contextTokens]).toEqual([4808, 3180, 3]);
    expect([...trace.generatedTokens]).toEqual([10, 8, 2000]);
  });

  it('gives back any recording', () => {
    const row = fc.tuple(
      fc.nat({ max: 3_600_000 }),
      fc.nat({ max: 65_535 }),
      fc.nat({ max: 65_535 }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), (rows) => {
        const sorted = rows.toSorted((a, b) => a[0] - b[0]);
        const first = Date.parse('2023-11-16T18:00:00Z');
        const lines = sorted.map(([ms, context, generated]) => {
          const time = new Date(first + ms).toISOString().replace('T', ' ').replace('Z', '0000');
          return `${time},${context},${generated}`;
        });
        const trace = unpackTrace(packTrace([header, ...lines].join('\n')));
        const start = sorted[0]?.[0] ?? 0;
        expect([...trace.offsetsMs]).toEqual(sorted.map(([ms]) => ms - start));
        expect([...trace.contextTokens]).toEqual(sorted.map(([, context]) => context));
        expect([...trace.generatedTokens]).toEqual(sorted.map(([, , generated]) => generated));
      }),
    );
  });

  it.each([
    ['another header', 'time,in,out\n1,2,3', 'the first line is not'],
    ['a count that is none', `${header}\n2023-11-16 18:17:03.97,many,1`, 'Line 2'],
    ['a time that is none', `${header}\nyesterday,1,1`, 'Line 2'],
    [
      'a time before the last one',
      `${header}\n2023-11-16 18:17:04.0,1,1\n2023-11-16 18:17:03.0,1,1`,
      'Line 3',
    ],
  ])('is not made of %s', (_name, csv, message) => {
    expect(() => packTrace(csv)).toThrow(message);
  });

  it('with a column cut short is refused', () => {
    const whole = packTrace(`${header}\n2023-11-16 18:17:03.97,1,1`);
    expect(() => unpackTrace(whole.slice(0, -3))).toThrow('unexpected end of file');
  });
});

describe('the recorded hour', () => {
  const trace = loadTrace();

  it('is the published one', () => {
    expect(trace.offsetsMs).toHaveLength(8_819);
    expect(total(trace.contextTokens)).toBe(18_059_974);
    expect(total(trace.generatedTokens)).toBe(245_896);
    expect(trace.offsetsMs.at(-1)).toBe(3_435_949);
  });

  it('falls into 58 minutes that hold every request once', () => {
    const { count, firstRow } = minutesOf(trace);
    expect(count).toBe(58);
    expect(firstRow[0]).toBe(0);
    expect(firstRow[count]).toBe(trace.offsetsMs.length);
    const misplaced = [...trace.offsetsMs].filter((offset, row) => {
      const minute = Math.floor(offset / 60_000);
      return row < (firstRow[minute] ?? 0) || row >= (firstRow[minute + 1] ?? 0);
    });
    expect(misplaced).toEqual([]);
  });
});

describe('varints', () => {
  it('give back any whole numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER })), (values) => {
        expect(decodeVarints(encodeVarints(values))).toEqual(values);
      }),
    );
  });
});
