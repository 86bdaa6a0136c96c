import { stepName } from '../query/step.ts';
import * as z from 'zod';
import { columnsOf } from './columns.ts';
import {
  filterParams,
  filtersIn,
  groupByParam,
  rangeIn,
  rangeParams,
  stepParam,
} from './params.ts';
import { defineRoute } from './route.ts';
import { amountColumns, count, known } from './rows.ts';

const { row, param } = columnsOf({
  ...amountColumns,
  cost_usd: known(
    'Estimated cost of the tokens that have a price, and at list price the share of provisioned capacity, used or idle',
  ),
  cost_low_usd: known('The least it can be'),
  cost_high_usd: known('The most it can be'),
  cost_method: z
    .enum(['list', 'range', 'calibrated', 'provisioned', 'mixed'])
    .nullable()
    .meta({
      description:
        'list: tokens at a price that leaves no doubt; range: between low and high, for the meter does not show all that ' +
        'the price depends on; calibrated: between low and high by what final bills of the same account and model taught; ' +
        'provisioned: capacity, used or not; mixed: several of these',
    }),
  unpriced_tokens: count('Tokens that have no price'),
  settled: z.number().min(0).max(1).nullable().meta({
    description: 'Share of the time that was read after the last change the cloud may make',
  }),
});

export const usageRoute = defineRoute({
  path: '/api/v1/usage',
  summary: 'Tokens, requests and cost by bucket and group',
  description:
    'Every combination of group values that the range knows has a row in every bucket. A bucket that was not looked at ' +
    'is a row of nulls; looked at and silent is 0; what no contributor tells is null. The five token columns are ' +
    'disjoint and add up. Buckets are aligned to UTC; the first and the last count only what lies in the range.',
  scope: 'read',
  sharing: 'until-changed',
  params: z.object({ ...rangeParams, ...stepParam, ...groupByParam, ...param, ...filterParams }),
  row,
  rowName: 'UsageRow',
  headers: { 'Crossbill-Step': 'The step that was used' },
  async answer({ from, to, step, group_by: groupBy, columns, ...filters }, access, deps) {
    const range = rangeIn({ from, to }, deps.clock.now());
    const query = {
      from: range.start,
      to: range.end,
      stepMs: step,
      groupBy,
      filters: filtersIn(filters),
      scope: access.scope,
      teams: deps.teams,
    };
    const { queryUsage } = await import('../query/usage.ts');
    const { rows } = await queryUsage(deps.reader, query, columns);
    return { rows, headers: { 'Crossbill-Step': stepName(step) } };
  },
});
