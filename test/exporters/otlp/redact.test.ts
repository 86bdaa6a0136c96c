import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactHeaders } from '../../../exporters/otlp/redact.ts';

describe('a text that repeats a header', () => {
  const cases: readonly (readonly [sentence: string, text: string, value: string, left: string])[] =
    [
      ['has the value starred', 'no key s3cret here', 's3cret', 'no key *** here'],
      ['every time', 's3cret, s3cret', 's3cret', '***, ***'],
      ['with its scheme', 'got Bearer abc.def', 'Bearer abc.def', 'got ***'],
      ['without its scheme', 'token abc.def unknown', 'Bearer abc.def', 'token *** unknown'],
      ['as JSON writes it', '{"m":"a\\"b"}', 'a"b', '{"m":"***"}'],
      ['and keeps the word of the scheme', 'Bearer wanted', 'Bearer abc.def', 'Bearer wanted'],
      ['and is let be when the value is empty', 'nothing', '', 'nothing'],
    ];
  test.each(cases)('%s', (_, text, value, left) => {
    expect(redactHeaders(text, { authorization: value })).toBe(left);
  });

  test('holds none of several values, one of them part of another', () => {
    expect(redactHeaders('abcdef abc', { a: 'abc', b: 'abcdef' })).toBe('*** ***');
  });

  test('never holds the value again', () => {
    const value = fc.string({ minLength: 1 }).filter((one) => one.trim() !== '' && !/\*/.test(one));
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        const left = redactHeaders(before + secret + after, { 'x-key': secret });
        expect(left).not.toContain(secret.trim());
      }),
    );
  });
});
