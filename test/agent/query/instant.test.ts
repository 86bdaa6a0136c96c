import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
    ['99999999999999999', /before the year 10000/],
    ['-5', /not a time/],
  ])('is not written "%s"', (text, problem) => {
    expect(parseInstant(text)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  it('reads back whatever an ISO time says', () => {
    const between = { min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z') };
    fc.assert(
      fc.property(fc.date({ ...between, noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toEqual({ ok: true, instant: date.getTime() });
      }),
    );
  });
});
