import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InexactError } from '../../../exporters/sqlite/amounts.ts';
import { readNumbers } from '../../../exporters/sqlite/number-text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('numbers with commas between them are read as they were written, and nothing as nothing', () => {
  const lists = fc.array(fc.option(fc.maxSafeInteger(), { nil: Number.NaN }), { minLength: 1 });
  fc.assert(
    fc.property(lists, (list) => {
      const text = list.map((one) => (Number.isNaN(one) ? '' : String(one))).join(',');
      // What was there before is of another text.
      const into = new Float64Array(list.length + 1).fill(7);
      expect(readNumbers(bytes(text), into)).toBe(list.length);
      expect([...into]).toEqual([...list, 7].map((one) => one + 0));
    }),
  );
});

test.each([
  ['a number that a double does not hold', '1,9007199254740992,2'],
  ['the last one', '1,9223372036854775807'],
  ['less than a double holds', '-9007199254740992'],
])('%s is told', (_, text) => {
  expect(() => readNumbers(bytes(text), new Float64Array(3))).toThrow(InexactError);
});
