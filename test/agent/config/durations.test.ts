import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, longestSeconds, parseDuration } from '../../../agent/config/durations.ts';

describe('parseDuration', () => {
  it.each([
    ['30s', 30],
    ['5m', 300],
    ['1h', 3600],
    ['14d', 1_209_600],
    ['2w', 1_209_600],
    ['1h30m', 5400],
    ['1w2d3h4m5s', 788_645],
    ['90m', 5400],
    ['0m', 0],
    ['36525d', longestSeconds],
  ])('reads %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each([
    ['', 'nothing'],
    ['5', 'no unit'],
    ['5M', 'a capital: minutes or months?'],
    ['5 m', 'a blank'],
    ['-5m', 'a sign'],
    ['1.5h', 'a fraction'],
    ['30m1h', 'the smaller unit first'],
    ['5m5m', 'a unit twice'],
    ['5min', 'another spelling'],
    ['1y', 'years, which differ in length'],
    ['36526d', 'more than 100 years'],
    ['9'.repeat(400) + 's', 'more than a number holds'],
  ])('refuses "%s": %s', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('reads back what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: longestSeconds }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds);
      }),
    );
  });

  it('adds up the parts of any spelling', () => {
    const part = fc.nat(99);
    fc.assert(
      fc.property(part, part, part, part, part, (w, d, h, m, s) => {
        const seconds = (((w * 7 + d) * 24 + h) * 60 + m) * 60 + s;
        expect(parseDuration(`${w}w${d}d${h}h${m}m${s}s`)).toBe(seconds);
      }),
    );
  });

  it('answers whole seconds or nothing to any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('0129wdhms .-')) }), (text) => {
        const seconds = parseDuration(text);
        expect(seconds === undefined || (Number.isSafeInteger(seconds) && seconds >= 0)).toBe(true);
      }),
    );
  });
});
