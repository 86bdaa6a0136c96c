import * as z from 'zod';
import type { Cloud } from '../core/collector.ts';
import { dimensionNames } from '../core/dimension.ts';
import type { Dimension, Routing, Tier } from '../core/dimension.ts';
import { choose, fail, isMapping, listOf, text, wrong } from './fields.ts';
import { nearest, suggestion } from './nearest.ts';

/** Each dimension with the values it must have one of; a trailing `*` stands for any rest. */
export type Match = Readonly<Partial<Record<Dimension, readonly string[]>>>;

export const clouds = ['aws', 'azure'] as const satisfies readonly Cloud[];
export const routings = [
  'in_region',
  'geo',
  'global',
  'data_zone',
  'unknown',
] as const satisfies readonly Routing[];
export const tiers = [
  'standard',
  'batch',
  'flex',
  'priority',
  'provisioned',
  'unknown',
] as const satisfies readonly Tier[];

/** The dimensions whose values are a closed list of ours. */
const closedValues: Readonly<Partial<Record<Dimension, readonly string[]>>> = {
  cloud: clouds,
  provider: ['aws.bedrock', 'azure.ai.openai'],
  endpoint: ['runtime', 'mantle', 'azure'],
  routing: routings,
  tier: tiers,
};

/** A word by which usage is filtered and grouped; `tag.<key>` for a tag. */
export function dimension() {
  return text('a dimension, for example model').transform((word, ctx): Dimension => {
    return asDimension(word) ?? fail(ctx, `unknown dimension; ${suggestion(word, known)}`);
  });
}

/** Conditions that must all hold: `{ team: search, model: ["openai/*"] }`. */
export function match() {
  return z.unknown().transform((value, ctx): Match => {
    if (!isMapping(value)) {
      return fail(ctx, wrong('a mapping of dimensions, for example { team: search }', value));
    }
    const conditions: Partial<Record<Dimension, readonly string[]>> = {};
    for (const [word, wanted] of Object.entries(value)) {
      const name = asDimension(word);
      if (name === undefined) {
        fail(ctx, `unknown dimension; ${suggestion(word, known)}`, [word]);
        continue;
      }
      const result = matchValues(name).safeParse(wanted);
      if (result.success) conditions[name] = result.data;
      for (const issue of result.error?.issues ?? []) {
        fail(ctx, issue.message, [word, ...issue.path]);
      }
    }
    return conditions;
  });
}

const known: readonly string[] = [...dimensionNames, 'tag.<key>'];

function asDimension(word: string): Dimension | undefined {
  if (/^tag\../.test(word)) return `tag.${word.slice('tag.'.length)}`;
  return dimensionNames.find((name) => name === word);
}

function matchValues(name: Dimension) {
  const one = matchValue(name);
  return choose<readonly string[]>((value) =>
    Array.isArray(value)
      ? listOf(one, { expected: 'for example ["openai/*"]' })
      : one.transform((only) => [only]),
  );
}

function matchValue(name: Dimension) {
  return text('a text or a list of texts').transform((value, ctx): string => {
    const problem = valueProblem(name, value);
    return problem === undefined ? value : fail(ctx, problem);
  });
}

function valueProblem(name: Dimension, value: string): string | undefined {
  const start = value.endsWith('*') ? value.slice(0, -1) : undefined;
  if ((start ?? value).includes('*')) return '`*` stands at the end only, for example openai/*';
  const values = closedValues[name];
  if (values !== undefined) {
    const fits = values.some((v) => (start === undefined ? v === value : v.startsWith(start)));
    const near = nearest(value, values);
    const meant = near === undefined ? '' : `; did you mean "${near}"?`;
    return fits ? undefined : `expected one of ${values.join(', ')}${meant}`;
  }
  if (name === 'region' && !/^[a-z0-9-]*$/.test(start ?? value)) {
    return 'regions are lower case without spaces, for example us-east-1 or germanywestcentral';
  }
  return undefined;
}
