import * as z from 'zod';
import { focusVersions } from '../core/focus.ts';
import { ceilTo, dayMs, isoUtc } from '../core/time.ts';
import { daysParams, filterParams, filtersIn, rangeIn } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';

const rangeDays = 30;

/** The columns are those of FOCUS, with ours after them: exporters/focus names them. */
const row = z.object({}).catchall(z.string());

export const focusRoute = defineRoute({
  path: '/api/v1/export/focus',
  summary: 'Costs as a FOCUS file',
  description:
    'CSV, a line for each charge period, traffic and kind of token, as quantity times unit price; estimated, as the column ' +
    'x_CostSource says. Lines add up to the cost that /api/v1/usage tells of the same days, to the nano-dollar. Tokens ' +
    'without a price have no line and are counted in a header. Streamed: a file of any length.',
  scope: 'read',
  params: z.object({
    ...daysParams(`${rangeDays} days`),
    version: z
      .enum(focusVersions)
      .meta({ description: 'Version of FOCUS' })
      .prefault(focusVersions[0]),
    step: z
      .enum(['1h', '1d'])
      .meta({ description: 'Length of a charge period: 1h or 1d' })
      .prefault('1d'),
    ...filterParams,
  }),
  row,
  rowName: 'FocusRow',
  mayLack: true,
  isDocument: true,
  mediaType: 'text/csv; charset=utf-8',
  headers: {
    'Content-Disposition': 'The name of the file',
    'Crossbill-Unpriced-Tokens': 'Tokens of the days that have no price and no line',
  },
  async answer({ from, to, version, step, ...values }, access, deps) {
    if (deps.focusWriter === undefined) {
      throw new ProblemError('not-found', 'this agent writes no FOCUS files');
    }
    const range = rangeIn({ from, to }, deps.clock.now(), rangeDays * dayMs);
    const days = { start: ceilTo(range.start, dayMs), end: ceilTo(range.end, dayMs) };
    const chosen = { filters: filtersIn(values), scope: access.scope, teams: deps.teams };
    const { queryUsage } = await import('../query/usage.ts');
    const usage = await queryUsage(deps.reader, {
      ...chosen,
      from: days.start,
      to: days.end,
      stepMs: 'total',
      groupBy: [],
    });
    const write = await deps.focusWriter();
    const { readCharges } = await import('../query/charges.ts');
    const charges = readCharges(
      {
        usage: deps.reader,
        bills: deps.bills,
        cards: deps.evidence,
        explainCost: deps.explainCost,
      },
      { ...chosen, days, step: step === '1h' ? 'hour' : 'day' },
    );
    const name = `focus-${version}-${dayOf(days.start)}-${dayOf(days.end)}.csv`;
    return {
      rows: write(charges, {
        version,
        format: { rows: 'csv', gzip: false },
        createdBy: 'crossbill',
      }),
      headers: {
        'Content-Disposition': `attachment; filename="${name}"`,
        'Crossbill-Unpriced-Tokens': String(usage.rows[0]?.unpriced_tokens ?? 0),
      },
    };
  },
});

function dayOf(instant: number): string {
  return isoUtc(instant).slice(0, 10);
}
