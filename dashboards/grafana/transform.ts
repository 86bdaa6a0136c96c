import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';

/** A new column: the sum of others in the same row. */
export function sumOf(alias: string, names: readonly string[]): DataTransformerConfig {
  return {
    id: 'calculateField',
    options: { mode: 'reduceRow', reduce: { include: names, reducer: 'sum' }, alias },
  };
}

/** A new column: one over another, or times a number. */
export function binary(
  alias: string,
  left: string,
  operator: '/' | '*',
  right: string,
): DataTransformerConfig {
  return {
    id: 'calculateField',
    options: { mode: 'binary', binary: { left, operator, right }, alias },
  };
}

/** In place of all but the time: the sum of a column up to each row. */
export function runningSum(alias: string, field: string): DataTransformerConfig {
  return {
    id: 'calculateField',
    options: {
      mode: 'cumulativeFunctions',
      cumulative: { field, reducer: 'sum' },
      alias,
      replaceFields: true,
    },
  };
}

/** A new column `Tokens`: all five types. */
export function allTokens(names: readonly string[]): DataTransformerConfig {
  return sumOf('Tokens', names);
}

/** New columns: dollars for a million of `Tokens`, and what it takes to get there. */
export function perMillion(cost: string): readonly DataTransformerConfig[] {
  return [
    binary('USD a token', cost, '/', 'Tokens'),
    binary('USD per 1M', 'USD a token', '*', '1000000'),
  ];
}

/** These columns in this order and nothing else; Infinity gives them by name. */
export function inOrder(shown: readonly string[], all: readonly string[]): DataTransformerConfig {
  return {
    id: 'organize',
    options: {
      indexByName: Object.fromEntries(shown.map((name, index) => [name, index])),
      excludeByName: Object.fromEntries(
        all.filter((name) => !shown.includes(name)).map((name) => [name, true]),
      ),
      renameByName: {},
    },
  };
}

/** One row for every combination of `by`, with the sums of `sums`, named `<name> (sum)`. */
export function grouped(by: readonly string[], sums: readonly string[]): DataTransformerConfig {
  return {
    id: 'groupBy',
    options: {
      fields: Object.fromEntries([
        ...by.map((name) => [name, { aggregations: [], operation: 'groupby' }]),
        ...sums.map((name) => [name, { aggregations: ['sum'], operation: 'aggregate' }]),
      ]),
    },
  };
}

/** Only rows with more of a number than that. */
export function moreThan(field: string, value: number): DataTransformerConfig {
  return only(field, { id: 'greater', options: { value } });
}

/** Only rows where a number is known: Grafana takes what is not for 0 in every sum. */
export function known(field: string): DataTransformerConfig {
  return only(field, { id: 'isNotNull', options: {} });
}

function only(fieldName: string, config: object): DataTransformerConfig {
  const filters = [{ fieldName, config }];
  return { id: 'filterByValue', options: { filters, type: 'include', match: 'all' } };
}

/** The largest first. */
export function largestFirst(field: string): DataTransformerConfig {
  return { id: 'sortBy', options: { fields: {}, sort: [{ field, desc: true }] } };
}
