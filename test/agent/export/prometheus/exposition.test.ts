import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalUsd } from '../../../../agent/export/prometheus/decimal-usd.ts';
import { renderExposition } from '../../../../agent/export/prometheus/exposition.ts';
import { labelsKey, parseExposition } from '../../../support/exposition.ts';

const word = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
/** What people put into tags and deployments, and worse. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('\\', '"', '\n', 'n', '}', ',', '=', ' ', '#', 'ü', '\r', '\t'),
  }),
);
const family = fc.record({
  name: word,
  help: anyText,
  type: fc.constantFrom('counter' as const, 'gauge' as const),
  samples: fc.uniqueArray(
    fc.record({ labels: fc.dictionary(word, anyText, { maxKeys: 4 }), value: fc.nat() }),
    { minLength: 1, maxLength: 5, selector: ({ labels }) => labelsKey(labels) },
  ),
});

test('whatever stands in labels and help, a reader gets it back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(family, { selector: ({ name }) => name }), (families) => {
      const read = parseExposition(renderExposition(families));
      expect([...read.keys()]).toEqual(families.map(({ name }) => name));
      for (const { name, help, type, samples } of families) {
        expect(read.get(name)).toEqual({
          help,
          type,
          samples: new Map(samples.map(({ labels, value }) => [labelsKey(labels), String(value)])),
        });
      }
    }),
    { numRuns: 500 },
  );
});

test('a family without samples is not there, and half a character is told as none', () => {
  const text = renderExposition([
    { name: 'nothing', help: 'Nothing.', type: 'gauge', samples: [] },
    {
      name: 'half',
      help: 'Half.',
      type: 'gauge',
      samples: [{ labels: { a: '\uD800x' }, value: 1 }],
    },
  ]);
  expect(text).toBe('# HELP half Half.\n# TYPE half gauge\nhalf{a="\uFFFDx"} 1\n');
});

test.each([
  [0n, '0'],
  [1n, '0.000000001'],
  [-1n, '-0.000000001'],
  [1_500_000_000n, '1.5'],
  [12_000_000_000n, '12'],
  [123_456_789_012_345_678_901n, '123456789012.345678901'],
])('%s nano-dollars are %s dollars', (nano, text) => {
  expect(decimalUsd(nano)).toBe(text);
});
