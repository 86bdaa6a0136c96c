import { dayMs, isoUtc } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { changePartNames } from '../query/change-parts.ts';
import * as z from 'zod';
import { filterParams, filtersIn, groupByParam, instantParam, rangeIn } from './params.ts';
import { ProblemError } from './problem.ts';
import { defineRoute } from './route.ts';
import { count, known } from './rows.ts';

const share = (description: string) => z.number().min(0).max(1).meta({ description });

const row = z
  .object({
    cost_usd: known('Cost of the span, as /api/v1/usage has it'),
    cost_before_usd: known('Cost of the span before'),
    change_usd: known(
      'What it costs more, or less; the seven parts add up to it to the nano-dollar. Null, as they are, where one of the costs is',
    ),
    price_usd: known(
      'By price: tokens of the later span, each type of each model in each place, at what they cost now less what they cost then; a tier or a discount that changed is a price that changed',
    ),
    volume_usd: known(
      'By volume: what all tokens would cost more had only their number changed, every share and price as it was',
    ),
    mix_usd: known('By mix: what shifted between models and places, and between types of tokens'),
    new_usd: known('Models and places that used no tokens before'),
    gone_usd: known('Models and places that use none any more'),
    capacity_usd: known('Provisioned capacity, which is paid by the hour'),
    unknown_usd: known(
      'What cannot be compared: hours that were not looked at in one of the spans, left out of both, and tokens without a price. It is no rise and no fall',
    ),
    why: z.enum([...changePartNames, 'none']).meta({
      description: 'The part that moves the cost most; none: nothing does',
    }),
    tokens: count('Tokens of all types, those without a price too'),
    tokens_before: count('The same of the span before'),
    unpriced_tokens: count('Of them, tokens that have no price'),
    unpriced_tokens_before: count('The same of the span before'),
    covered: share('Share of the time that was looked at'),
    covered_before: share('The same of the span before'),
    incomplete: z.boolean().meta({
      description: 'Not all of it was looked at: what that moves is in unknown_usd',
    }),
    settled: known('Share of the time that was read after the last change the cloud may make'),
    settled_before: known('The same of the span before'),
  })
  .catchall(z.string())
  .meta({ description: 'With a text column for each dimension of group_by' });

export const changesRoute = defineRoute({
  path: '/api/v1/changes',
  summary: 'What changed and why: price, volume or mix',
  description:
    'Two spans of one length, by group, the largest change first; the last seven whole UTC days against the seven before ' +
    'them unless said. A model in a place (account, resource, region, deployment, endpoint, routing) is compared with ' +
    'itself. Of those that used tokens in both spans the change is split into price, volume and mix as price-volume-mix ' +
    'analysis does; what is new or gone, capacity, and what cannot be compared stand apart.',
  scope: 'read',
  sharing: 'exactly',
  params: z.object({
    from: instantParam(
      'Start of the span, ISO 8601 or epoch milliseconds; seven days before `to` if absent',
      '2026-11-16',
    ),
    to: instantParam(
      'End of the span, exclusive; now if only `from` is given, the start of today (UTC) if neither is',
      '2026-11-23',
    ),
    against: instantParam(
      'Start of the span before, as long as the span; the one that ends where the span starts if absent',
      '2026-11-09',
    ),
    group_by: groupByParam.group_by.prefault('model'),
    ...filterParams,
  }),
  row,
  rowName: 'ChangeRow',
  headers: { 'Crossbill-Spans': 'Both spans, `<from>/<to> <from>/<to>`, the one before first' },
  async answer({ from, to, against, group_by: groupBy, ...filters }, access, deps) {
    const { lastTwoWeeks, queryChanges } = await import('../query/changes.ts');
    const now = deps.clock.now();
    const { span, before } = spansIn({ from, to, against }, now, lastTwoWeeks(now));
    const readers = { usage: deps.reader, cards: deps.evidence, explainCost: deps.explainCost };
    const rows = await queryChanges(readers, {
      span,
      before,
      groupBy,
      filters: filtersIn(filters),
      scope: access.scope,
      teams: deps.teams,
    });
    const said = [before, span].map(({ start, end }) => `${isoUtc(start)}/${isoUtc(end)}`);
    return { rows, headers: { 'Crossbill-Spans': said.join(' ') } };
  },
});

interface Given {
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  readonly against?: Instant | undefined;
}

interface Spans {
  readonly span: Window;
  readonly before: Window;
}

/** Throws a problem where a span is empty, or the one before reaches into it. */
function spansIn(given: Given, now: Instant, usual: Spans): Spans {
  const { from, to, against } = given;
  const span =
    from === undefined && to === undefined ? usual.span : rangeIn({ from, to }, now, 7 * dayMs);
  const lengthMs = span.end - span.start;
  const start = against ?? span.start - lengthMs;
  if (start + lengthMs <= span.start) return { span, before: { start, end: start + lengthMs } };
  const latest = isoUtc(span.start - lengthMs);
  const detail = `against (${isoUtc(start)}) must be ${latest} or earlier, for both spans are equally long`;
  throw new ProblemError('contradiction', detail, [{ parameter: 'against', detail }]);
}
