import type { Instant } from '../core/time.ts';
import { instantPattern } from '../query/instant-pattern.ts';
import { parseInstant } from '../query/instant.ts';
import { TooBroadError } from '../query/too-broad.ts';
import * as z from 'zod';
import { explanation } from './explanation.ts';
import { openList } from './list-pattern.ts';
import { filterParams, filtersIn, patterns } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';

const at = z
  .string({ error: 'is missing; write a time as 2026-11-23T12:03:00Z or in epoch milliseconds' })
  .transform((text, ctx): Instant => {
    const parsed = parseInstant(text);
    if (parsed.ok) return parsed.instant;
    ctx.addIssue({ code: 'custom', message: parsed.problem });
    return z.NEVER;
  })
  .meta({
    description: 'Any moment of the minute or hour, ISO 8601 or epoch milliseconds',
    examples: ['2026-11-23T12:03:00Z'],
    pattern: instantPattern,
  });

const model = z
  .string({ error: 'is missing; write one as openai/gpt-5.4' })
  .min(1, 'is empty; write one as openai/gpt-5.4')
  .pipe(patterns('Canonical model'))
  .refine((wanted) => wanted.length > 0, 'is empty; write one as openai/gpt-5.4')
  .meta({
    description: 'Canonical model, comma-separated values, a trailing * for any rest',
    examples: ['openai/gpt-5.4'],
    pattern: openList,
    allOf: [{ pattern: '[^ ,]' }],
  });

const step = z
  .enum(['1m', '1h'], { error: 'a minute is 1m, an hour is 1h' })
  .prefault('1m')
  .meta({ description: 'The length of the period that is explained: 1m or 1h' });

export const explainRoute = defineRoute({
  path: '/api/v1/explain',
  summary: 'One figure walked back',
  description:
    'The usage and cost of one minute or hour, back to the readings, the contract that made tokens of them, the prices and ' +
    'the arithmetic, with the commands of the clouds that show the same readings. Its sums are those of /api/v1/usage with ' +
    'the same filters. Money is exact decimal text. 404 where there is nothing at that time, naming the nearest that has ' +
    'something; 422 where more deployments make the figure than a person can follow.',
  scope: 'read',
  params: z.object({ ...filterParams, model, at, step }),
  row: explanation,
  isDocument: true,
  rowName: 'Explanation',
  mayLack: true,
  headers: {},
  async answer({ at: moment, step: length, ...filters }, access, deps) {
    const { reader, evidence, bills, explainCost, teams } = deps;
    const query = {
      model: filters.model.join(','),
      at: moment,
      step: length,
      filters: filtersIn(filters),
      teams,
      ...(access.scope === undefined ? {} : { scope: access.scope }),
    };
    try {
      const { explainFigure } = await import('../query/explain.ts');
      const found = await explainFigure(
        { reader: { ...reader, ...evidence, ...bills }, explainCost },
        query,
      );
      if (found.found) return { rows: found.explanation };
      const { nothingSaid } = await import('../query/explain-nothing.ts');
      throw new ProblemError('not-found', nothingSaid(found.nothing, query.model, moment, length));
    } catch (error) {
      if (error instanceof TooBroadError) throw new ProblemError('too-many-rows', error.message);
      throw error;
    }
  },
});
