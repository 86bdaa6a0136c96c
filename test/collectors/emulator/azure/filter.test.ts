import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admits, parseFilter } from '../../../../collectors/emulator/azure/filter.ts';

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

describe('a filter', () => {
  it('names, by dimension, the values a series may have', () => {
    const filter = parseFilter(
      "ModelDeploymentName eq '*' and StatusCode eq '200' or StatusCode EQ '429'",
    );
    expect(filter).toEqual(
      new Map<string, unknown>([
        ['modeldeploymentname', '*'],
        ['statuscode', new Set(['200', '429'])],
      ]),
    );
  });

  it('is read back from any values, quotes doubled', () => {
    const values = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('A', 'B', 'C'), { minLength: 1 }),
        values,
        (names, all) => {
          const text = names
            .map((name) => all.map((value) => `${name} eq ${quoted(value)}`).join(' or '))
            .join(' and ');
          const filter = parseFilter(text);
          expect([...(filter?.keys() ?? [])]).toEqual(names.map((name) => name.toLowerCase()));
          const wanted = [...(filter?.values() ?? [])];
          expect(wanted.every((one) => all.every((value) => admits(one, value)))).toBe(true);
          const free = all.includes('*');
          expect(wanted.map((one) => admits(one, `${all.join('')}!`))).toEqual(
            names.map(() => free),
          );
        },
      ),
    );
  });

  it.each([
    ['an or between two dimensions', "A eq 'x' or B eq 'y'"],
    ['one dimension twice by and', "A eq 'x' and A eq 'y'"],
    ['another operator', "A ne 'x'"],
    ['an open quote', "A eq 'x"],
    ['an open end', "A eq 'x' and"],
    ['words', 'everything'],
  ])('with %s is refused', (_name, text) => {
    expect(parseFilter(text)).toBeUndefined();
  });

  it('may be empty', () => {
    expect(parseFilter('')).toEqual(new Map());
  });
});
