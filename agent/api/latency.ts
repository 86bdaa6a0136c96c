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
import { count, known } from './rows.ts';

const { row, param, pick } = columnsOf({
  phase: z.enum(['request', 'first_token']).meta({
    description: 'Until the last token, or until the first',
  }),
  count: count('Requests measured; null where a contributor gives no count'),
  avg_ms: known('Mean, weighted by requests'),
  min_ms: known('Least'),
  max_ms: known('Greatest'),
  p90_ms: known('90th percentile; null where it would have to be merged'),
});

export const latencyRoute = defineRoute({
  path: '/api/v1/latency',
  summary: 'Latency by bucket, group and phase',
  description:
    'A group that has readings of a phase in the range has a row in every bucket, of nulls where there are none. ' +
    'Percentiles are never merged.',
  scope: 'read',
  sharing: 'until-changed',
  params: z.object({ ...rangeParams, ...stepParam, ...groupByParam, ...param, ...filterParams }),
  row,
  rowName: 'LatencyRow',
  headers: { 'Crossbill-Step': 'The step that was used' },
  async answer({ from, to, step, group_by: groupBy, columns, ...filters }, access, deps) {
    const range = rangeIn({ from, to }, deps.clock.now());
    const { queryLatency } = await import('../query/latency.ts');
    const rows = await queryLatency(deps.reader, {
      from: range.start,
      to: range.end,
      stepMs: step,
      groupBy,
      filters: filtersIn(filters),
      scope: access.scope,
      teams: deps.teams,
    });
    return { rows: pick(rows, columns), headers: { 'Crossbill-Step': stepName(step) } };
  },
});
