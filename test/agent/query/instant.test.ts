import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantPattern } from '../../../agent/query/instant-pattern.ts';
import { parseInstant } from '../../../agent/query/instant.ts';

const ten = Date.UTC(2026, 10, 1, 10);

describe('a time', () => {
  it.each([
    ['2026-11-01', Date.UTC(2026, 10, 1)],
    ['2026-11-01T10:00', ten],
    ['2026-11-01 10:00', ten],
    ['2026-11-01t10:00:00z', ten],
    ['2026-11-01T10:00:00.5Z', ten + 500],
    ['2026-11-01T11:00:00+01:00', ten],
    ['2026-11-01T04:30-0530', ten],
    [' 2026-11-01T10:00:00Z ', ten],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    [String(ten), ten],
    ['1970-01-01T00:00:00+01:00', 0],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
    ['0', 0],
  ])('may be written %s', (text, instant) => {
    expect(parseInstant(text)).toEqual({ ok: true, instant });
  });

  it.each([
    ['', /not a time/],
    ['yesterday', /not a time/],
    ['01/11/2026', /not a time/],
    ['2026-11', /not a time/],
    ['2026-13-01', /no such day/],
    ['2026-02-30', /no such day/],
    ['2026-11-01T25:00', /no such day/],
    ['2026-11-01T10:00:00+99:00', /no such day/],
    ['1795392000', /for seconds add 000/],
    ['20261101', /for a date write 2026-11-01/],
    ['99999999999999999', /12 to 14 digits/],
    ['-5', /not a time/],
    ['0001-01-01', /no such day/],
    ['9000-01-01', /no such day/],
    ['2100-02-29', /no such day/],
    ['2026-11-01T24:00', /no such day/],
    ['2026-11-01T10:00:60Z', /no such day/],
    ['012345678901', /12 to 14 digits/],
  ])('is not written "%s"', (text, problem) => {
    expect(parseInstant(text)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  it('reads back whatever an ISO time says', () => {
    const between = { min: new Date(0), max: new Date('8999-12-31T23:59:59.999Z') };
    fc.assert(
      fc.property(fc.date({ ...between, noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toEqual({ ok: true, instant: date.getTime() });
      }),
    );
  });

  it('is a day that there is, wherever it is written', () => {
    const day = fc.tuple(
      fc.integer({ min: 1970, max: 8999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    fc.assert(
      fc.property(day, ([year, month, date]) => {
        const two = (n: number) => String(n).padStart(2, '0');
        const there = new Date(Date.UTC(year, month - 1, date));
        const is = there.getUTCMonth() === month - 1 && there.getUTCDate() === date;
        expect(parseInstant(`${year}-${two(month)}-${two(date)}`).ok).toBe(is);
      }),
      { numRuns: 1_000 },
    );
  });

  it('that fits the pattern is one', () => {
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(instantPattern)), (text) => {
        expect(parseInstant(text)).toEqual({ ok: true, instant: expect.any(Number) });
        expect(parseInstant(text)).not.toEqual({ ok: true, instant: Number.NaN });
      }),
    );
  });
});
