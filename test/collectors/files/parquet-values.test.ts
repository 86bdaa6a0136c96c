import { expect, test } from 'vitest';
import { kindOf, valueText, withoutDecimal } from '../../../collectors/files/parquet-values.ts';

const plain = { scale: undefined, isSingle: false };
const decimal = (scale: number) => ({ scale, isSingle: false });

const values: readonly (readonly [
  sentence: string,
  value: unknown,
  kind: Parameters<typeof valueText>[1],
  text: string,
])[] = [
  ['nothing', null, plain, ''],
  ['an absent value', undefined, decimal(2), ''],
  ['a text', 'USD', plain, 'USD'],
  ['a text that the schema calls bytes', new TextEncoder().encode('é'), plain, 'é'],
  ['a double', 0.1 + 0.2, plain, '0.30000000000000004'],
  ['a double that is none', Number.NaN, plain, 'NaN'],
  ['a single', Math.fround(0.1), { scale: undefined, isSingle: true }, '0.1'],
  ['an integer', 12n, plain, '12'],
  ['a decimal of 32 bits', -12_345, decimal(2), '-123.45'],
  ['a decimal of 64 bits', 9_007_199_254_740_993n, decimal(3), '9007199254740.993'],
  ['a negative decimal of bytes', Uint8Array.from([0xff, 0x85]), decimal(2), '-1.23'],
  ['a decimal of no scale', Uint8Array.from([0x01, 0x00]), decimal(0), '256'],
  ['a timestamp', new Date(Date.UTC(2026, 9, 5, 1)), plain, '2026-10-05T01:00:00.000Z'],
  ['a timestamp that is none', new Date(Number.NaN), plain, 'no date'],
  ['a map', { product_name: 'Amazon Bedrock' }, plain, '{"product_name":"Amazon Bedrock"}'],
];

test.each(values)('%s is a text', (_sentence, value, kind, text) => {
  expect(valueText(value, kind)).toBe(text);
});

test('a decimal column is read as the integer it is stored as', () => {
  const cost = {
    name: 'cost',
    type: 'FIXED_LEN_BYTE_ARRAY',
    converted_type: 'DECIMAL',
    scale: 18,
    precision: 38,
    logical_type: { type: 'DECIMAL', scale: 18, precision: 38 },
  } as const;
  expect(kindOf(cost)).toEqual({ scale: 18, isSingle: false });
  const { converted_type: _converted, logical_type: _logical, ...stored } = cost;
  expect(withoutDecimal(cost)).toEqual(stored);
  expect(withoutDecimal(stored)).toBe(stored);
});
