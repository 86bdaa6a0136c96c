import * as z from 'zod';
import { isTagParam } from './params.ts';
import { ProblemError } from './problem.ts';

/** `did you mean "region"?`, or the words to choose from. */
export type Suggest = (word: string, known: readonly string[]) => string;

const hint = z.object({ word: z.string(), known: z.array(z.string()) });

/**
 * Checks a query string against a schema of texts. A parameter given more than once is one list. Throws a problem that
 * names every parameter at fault, unknown ones included.
 */
export function readParams<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  search: URLSearchParams,
  suggest: Suggest,
): z.output<z.ZodObject<Shape>> {
  const withTags = 'tags' in schema.shape;
  const known = Object.keys(schema.shape).map((name) => (name === 'tags' ? 'tag_<key>' : name));
  const given = new Map<string, string>();
  const tags = new Map<string, string>();
  const faults: { parameter: string; detail: string }[] = [];
  for (const name of new Set(search.keys())) {
    const text = search.getAll(name).join(',');
    if (withTags && isTagParam(name)) tags.set(name, text);
    else if (known.includes(name)) given.set(name, text);
    else faults.push({ parameter: name, detail: `unknown parameter; ${suggest(name, known)}` });
  }
  if (tags.size > 0) given.set('tags', '');
  const result = schema.safeParse({
    ...Object.fromEntries(given),
    ...(tags.size === 0 ? {} : { tags: Object.fromEntries(tags) }),
  });
  for (const issue of result.error?.issues ?? []) {
    const meant = hint.safeParse('params' in issue ? issue.params : undefined);
    const advice = meant.success ? `; ${suggest(meant.data.word, meant.data.known)}` : '';
    faults.push({
      parameter: String(issue.path.findLast((step) => step !== 'tags') ?? ''),
      detail: `${issue.message}${advice}`,
    });
  }
  if (result.success && faults.length === 0) return result.data;
  const detail = faults.map((fault) => `${fault.parameter}: ${fault.detail}`).join('; ');
  throw new ProblemError('bad-parameter', detail, faults);
}
