import { dimensionNames } from '../core/dimension.ts';
import type { Dimension, DimensionName } from '../core/dimension.ts';
import { dayMs, isoUtc } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import {
  dimensionMeaning,
  dimensionValues,
  matchesAny,
  parseDimension,
} from '../query/dimensions.ts';
import type { Filters } from '../query/dimensions.ts';
import { instantPattern } from '../query/instant-pattern.ts';
import { parseInstant } from '../query/instant.ts';
import { parseStep, stepNames, stepPattern } from '../query/step.ts';
import type { Step } from '../query/step.ts';
import * as z from 'zod';
import { closedList, dimensionList, openList } from './list-pattern.ts';
import { ProblemError } from './problem.ts';

type Refinement = z.core.$RefinementCtx;

/** A word that is not known, so that the answer can name the one that was meant. */
interface Hint {
  readonly word: string;
  readonly known: readonly string[];
}

function fail(ctx: Refinement, message: string, hint?: Hint): never {
  ctx.addIssue({ code: 'custom', message, ...(hint === undefined ? {} : { params: hint }) });
  return z.NEVER;
}

export const instantParam = (description: string, example: string) =>
  z
    .string()
    .meta({
      description,
      examples: [example, String(Date.parse(example))],
      pattern: instantPattern,
    })
    .transform((text, ctx): Instant => {
      const parsed = parseInstant(text);
      return parsed.ok ? parsed.instant : fail(ctx, parsed.problem);
    })
    .optional();

/** The range of a query, half-open. */
export const rangeParams = {
  from: instantParam(
    'Start of the range, ISO 8601 or epoch milliseconds; 24 hours before `to` if absent',
    '2026-11-23T00:00:00Z',
  ),
  to: instantParam('End of the range, exclusive; now if absent', '2026-11-24T00:00:00Z'),
};

/** The range of a query by whole days, half-open. */
export function daysParams(length: string) {
  const which = 'the whole UTC days that start in the range count';
  return {
    from: instantParam(
      `Start of the range, ISO 8601 or epoch milliseconds: ${which}; ${length} before \`to\` if absent`,
      '2026-11-01',
    ),
    to: instantParam('End of the range, exclusive; now if absent', '2026-12-01'),
  };
}

export const stepParam = {
  step: z
    .string()
    .meta({
      description: `Length of a bucket: ${stepNames.join(', ')}. Another length rounds up to one of these`,
      examples: ['1h'],
      pattern: stepPattern,
    })
    .transform((text, ctx): Step => {
      return parseStep(text) ?? fail(ctx, `not a step; write one of ${stepNames.join(', ')}`);
    })
    .prefault('1h'),
};

const groupings: readonly string[] = [...dimensionNames, 'tag.<key>'];

export const groupByParam = {
  group_by: z
    .string()
    .meta({
      description: `Dimensions to tell rows apart by, comma-separated: ${groupings.join(', ')}`,
      examples: ['model,region'],
      pattern: dimensionList,
    })
    .transform((text, ctx): readonly Dimension[] =>
      listed(text).flatMap((word) => {
        const dimension = parseDimension(word.replace(/^tag_/, 'tag.'));
        if (dimension !== undefined) return [dimension];
        const message = `unknown dimension ${JSON.stringify(word)}`;
        return fail(ctx, message, { word, known: groupings });
      }),
    )
    .prefault(''),
};

const tagParam = /^tag[._]([\s\S]+)$/;

/** Every dimension as a parameter of its name, and `tag_<key>` or `tag.<key>` for tags. */
export const filterParams = {
  cloud: filter('cloud'),
  provider: filter('provider'),
  account: filter('account'),
  resource: filter('resource'),
  region: filter('region'),
  model: filter('model'),
  model_version: filter('model_version'),
  vendor_model: filter('vendor_model'),
  deployment: filter('deployment'),
  endpoint: filter('endpoint'),
  routing: filter('routing'),
  tier: filter('tier'),
  team: filter('team'),
  tags: z
    .record(z.string().regex(tagParam), patterns('A tag'))
    .meta({ description: 'A parameter for each tag, `tag_<key>` or `tag.<key>`' })
    .optional(),
} satisfies Readonly<Record<DimensionName | 'tags', z.ZodType>>;

/** Whether a parameter filters by a tag. */
export function isTagParam(name: string): boolean {
  return tagParam.test(name);
}

/** The parameters that filter, checked. */
export type FilterValues = z.output<z.ZodObject<typeof filterParams>>;

/** The conditions that the parameters make; an empty one makes none. */
export function filtersIn({ tags, ...values }: FilterValues): Filters {
  const filters = new Map<Dimension, readonly string[]>();
  for (const name of dimensionNames) {
    const wanted = values[name] ?? [];
    if (wanted.length > 0) filters.set(name, wanted);
  }
  for (const [name, wanted] of Object.entries(tags ?? {})) {
    const dimension = `tag.${tagParam.exec(name)?.[1] ?? ''}` as const;
    const both = [...(filters.get(dimension) ?? []), ...wanted];
    if (both.length > 0) filters.set(dimension, both);
  }
  return filters;
}

/** The range that the parameters mean. Throws a problem where it is empty. */
export function rangeIn(
  range: { readonly from?: Instant | undefined; readonly to?: Instant | undefined },
  now: Instant,
  lengthMs = dayMs,
): Window {
  const end = range.to ?? now;
  const start = range.from ?? end - lengthMs;
  if (start < end) return { start, end };
  const ends = range.to === undefined ? `now (${isoUtc(end)})` : `to (${isoUtc(end)})`;
  const detail = `from (${isoUtc(start)}) must lie before ${ends}`;
  throw new ProblemError('contradiction', detail, [{ parameter: 'from', detail }]);
}

function filter(name: DimensionName) {
  return patterns(dimensionMeaning(name), dimensionValues(name)).optional();
}

/** Comma-separated values, a trailing `*` for any rest; `values` where they are ours and closed. */
export function patterns(meaning: string, values?: readonly string[]) {
  const choices = values === undefined ? '' : ` (${values.join(', ')})`;
  return z
    .string()
    .meta({
      description: `${meaning}${choices}: comma-separated values, a trailing * for any rest; empty: all`,
      pattern: values === undefined ? openList : closedList(values),
      ...(values?.[0] !== undefined && { examples: [values[0]] }),
    })
    .transform((text, ctx): readonly string[] => {
      const wanted = listed(text);
      for (const word of wanted) {
        if (word.slice(0, -1).includes('*')) {
          fail(ctx, `${JSON.stringify(word)}: * stands at the end only, as in openai/*`);
        } else if (values !== undefined && !values.some((value) => matchesAny(value, [word]))) {
          fail(ctx, `no value is ${JSON.stringify(word)}`, { word, known: values });
        }
      }
      return wanted;
    });
}

/** The words of a comma-separated list. */
export function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.replaceAll(/^ +| +$/g, ''))
    .filter((word) => word !== '');
}
