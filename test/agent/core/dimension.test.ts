import { expect, it } from 'vitest';
import { columnOf, dimensionNames } from '../../../agent/core/dimension.ts';

it.each([
  ['a tag’s dot becomes an underscore', 'tag.team', 'tag_team'],
  ['the key of a tag stays as it is', 'tag.cost center.v2', 'tag_cost center.v2'],
  ['a dimension is its own column', 'model_version', 'model_version'],
] as const)('columnOf: %s', (_what, dimension, column) => {
  expect(columnOf(dimension)).toBe(column);
});

it('no column of a tag can be the column of a dimension', () => {
  expect(dimensionNames.filter((name) => name.startsWith('tag'))).toEqual([]);
});
