import { stepName } from '../query/step.ts';
import * as z from 'zod';
import {
  filterParams,
  filtersIn,
  groupByParam,
  rangeIn,
  rangeParams,
  stepParam,
} from './params.ts';
import { defineRoute } from './route.ts';
import { amountColumns, count, known, time } from './rows.ts';

const { input_tokens, cache_read_tokens, cache_write_tokens, unsplit_input_tokens } = amountColumns;
const share = (description: string) => z.number().min(0).max(1).nullable().meta({ description });

const row = z
  .object({
    time,
    input_tokens,
    cache_read_tokens,
    cache_write_tokens,
    unsplit_input_tokens,
    cache_read_share: share(
      'Of all input, what was read from a cache; a floor where a meter does not tell cached input apart',
    ),
    saved_usd: known('What reading from caches cost less than the same as plain input'),
    write_premium_usd: known(
      'What writing to caches cost more than the same as plain input; below 0 where it cost less',
    ),
    net_saved_usd: known(
      'saved_usd less write_premium_usd; below 0 where caching cost more than it saved',
    ),
    could_save_usd: known('What more could be saved, at most: see assumption'),
    best_cache_read_share: share(
      'The share behind could_save_usd; null where the row is of several models, or nothing tells',
    ),
    uncounted_tokens: count(
      'Input tokens in none of the sums of money: a price is missing, or their capacity is paid by the hour',
    ),
    assumption: z.string().meta({ description: 'Under what could_save_usd holds' }),
    settled: share('Share of the time that was read after the last change the cloud may make'),
  })
  .catchall(z.string())
  .meta({ description: 'With a text column for each dimension of group_by' });

export const cachingRoute = defineRoute({
  path: '/api/v1/caching',
  summary: 'What caching saved, and what it could',
  description:
    'Buckets and groups as /api/v1/usage has them. Each token counts at the prices of its time, after discounts, where they ' +
    'are a range at what is taken to hold. What more could be saved is an upper bound: the place (account, resource, region, ' +
    'deployment) that reads the largest share of a model from a cache is the example for all other places of that model.',
  scope: 'read',
  sharing: 'until-changed',
  params: z.object({
    ...rangeParams,
    step: stepParam.step.prefault('total'),
    ...groupByParam,
    ...filterParams,
  }),
  row,
  rowName: 'CachingRow',
  headers: { 'Crossbill-Step': 'The step that was used' },
  async answer({ from, to, step, group_by: groupBy, ...filters }, access, deps) {
    const range = rangeIn({ from, to }, deps.clock.now());
    const readers = { usage: deps.reader, cards: deps.evidence, explainCost: deps.explainCost };
    const { queryCaching } = await import('../query/caching.ts');
    const rows = await queryCaching(readers, {
      from: range.start,
      to: range.end,
      stepMs: step,
      groupBy,
      filters: filtersIn(filters),
      scope: access.scope,
      teams: deps.teams,
    });
    return { rows, headers: { 'Crossbill-Step': stepName(step) } };
  },
});
