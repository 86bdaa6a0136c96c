import * as z from 'zod';
import { parseDuration } from './durations.ts';
import { nearest, suggestion } from './nearest.ts';
import { isSecretText, SecretError } from './secrets.ts';
import type { SecretText } from './secrets.ts';

/**
 * The kinds of value that the sections are made of. What they read is a Tree: every scalar is a SecretText, and a field
 * that is no secret reveals it. No message tells the value it complains about, since it may hold a secret.
 */

type Context = z.core.$RefinementCtx;

/** A configuration is read once: to write code for its sections, as zod else does, takes longer than it saves. */
export const onceOnly = { jitless: true } as const;

/** What a field wants and an example of it, as the message of whatever else stands there. */
export function wrong(expected: string, found: unknown): string {
  if (found === undefined) return `missing; give ${expected}`;
  if (found === null) return `empty; give ${expected}, or delete the key`;
  if (isSecretText(found)) return `expected ${expected}`;
  return `expected ${expected}; this is a ${Array.isArray(found) ? 'list' : 'mapping'}`;
}

/** Reports and gives up on the value. */
export function fail(ctx: Context, message: string, path: PropertyKey[] = []): never {
  ctx.addIssue({ code: 'custom', message, path });
  return z.NEVER;
}

/** A secret: never shown, resolved once now so that a reference to nothing is found at once, and again at each use. */
export function secret(expected = 'a text', accepts: (revealed: string) => boolean = () => true) {
  return z.unknown().transform((value, ctx): SecretText => {
    const revealed = reveal(value, expected, ctx);
    if (revealed === undefined) return z.NEVER;
    if (revealed === '') return fail(ctx, `this resolves to nothing: ${expected}`);
    if (!accepts(revealed) || !isSecretText(value)) return fail(ctx, wrong(expected, value));
    return value;
  });
}

/** A text that is no secret, resolved at load and not empty. */
export function text(expected = 'a text') {
  return z.unknown().transform((value, ctx): string => {
    const revealed = reveal(value, expected, ctx);
    if (revealed === undefined) return z.NEVER;
    return revealed === '' ? fail(ctx, `this resolves to nothing: ${expected}`) : revealed;
  });
}

/** A text that `read` makes something of; undefined means that it could not. */
export function parsed<T>(expected: string, read: (text: string) => T | undefined) {
  return text(expected).transform(
    (value, ctx): T => read(value) ?? fail(ctx, `expected ${expected}`),
  );
}

export function oneOf<const Word extends string>(words: readonly Word[]) {
  return text(`one of ${words.join(', ')}`).transform((value, ctx): Word => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    const near = nearest(value, words);
    const meant = near === undefined ? '' : `; did you mean "${near}"?`;
    return fail(ctx, `expected one of ${words.join(', ')}${meant}`);
  });
}

export function flag() {
  return oneOf(['true', 'false']).transform((word) => word === 'true');
}

/** A plain decimal number above zero. */
export function positive(example: string) {
  return parsed(`a number above 0, for example ${example}`, (value) => {
    const number = /^\d+(?:\.\d+)?(?:e\d{1,2})?$/i.test(value) ? Number(value) : Number.NaN;
    return number > 0 && Number.isFinite(number) ? number : undefined;
  });
}

/** `50%` as the ratio 0.5; above zero, and more than 100% is allowed. */
export function percent(example: string) {
  return parsed(`a percentage, for example ${example}`, (value) => {
    const [, digits] = /^(\d{1,9}(?:\.\d{1,9})?)\s*%$/.exec(value) ?? [];
    const ratio = Number(`${digits}e-2`);
    return ratio > 0 ? ratio : undefined;
  });
}

/** A span of time above zero, in seconds. */
export function duration(example: string) {
  return parsed(
    `a duration, for example ${example} (units s, m, h, d, w)`,
    (value) => parseDuration(value) || undefined,
  );
}

/** A span of time above zero in seconds, or a word that stands for one. */
export function durationOr<const Word extends string>(word: Word, example: string) {
  return parsed(
    `${word} or a duration, for example ${example}`,
    (value): number | Word | undefined =>
      value === word ? word : parseDuration(value) || undefined,
  );
}

/** What others refer to: in `notify`, in a target's id, in a metric's label. */
export function name() {
  return parsed('a name of letters, digits, `.`, `_` and `-`', (value) =>
    /^[A-Za-z0-9][\w.-]*$/.test(value) ? value : undefined,
  );
}

export function listOf<T>(
  item: z.ZodType<T>,
  { expected, atLeast = 1 }: { readonly expected: string; readonly atLeast?: number },
) {
  return z
    .array(item, { error: (issue) => wrong(`a list, ${expected}`, issue.input) })
    .min(atLeast, `an empty list; expected a list, ${expected}`);
}

/** A list of words or the like, none of them twice. */
export function setOf<T>(item: z.ZodType<T>, expected: string) {
  return listOf(item, { expected }).superRefine(
    distinct((value) => value, 'listed twice; delete one'),
  );
}

/** Reports each item whose key an earlier one has, at the item or at the path within it. */
export function distinct<T>(
  keyOf: (item: T) => unknown,
  message: string,
  within: readonly string[] = [],
) {
  return (items: readonly T[], ctx: Context): void => {
    const seen = new Set<unknown>();
    items.forEach((item, index) => {
      const key = keyOf(item);
      if (seen.has(key)) fail(ctx, message, [index, ...within]);
      seen.add(key);
    });
  };
}

/** A mapping of exactly these keys. Unknown ones are reported beside what else is wrong. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return mapping(`a mapping with ${known.join(', ')}`).pipe(
    z.strictObject(shape, { error: (issue) => unknownKeyLines(issue, known) }),
  );
}

/** A mapping whose keys are the user's own words. */
export function recordOf<T>(value: z.ZodType<T>, expected: string) {
  return mapping(expected).pipe(z.record(z.string(), value));
}

/**
 * The schema that fits what stands there, where one key or the kind of value decides. `pick` answers undefined after it has
 * reported what is wrong.
 */
export function choose<T>(pick: (value: unknown, ctx: Context) => z.ZodType<T> | undefined) {
  return z.unknown().transform((value, ctx): T => {
    const result = pick(value, ctx)?.safeParse(value, onceOnly);
    if (result?.success === true) return result.data;
    for (const issue of result?.error.issues ?? []) {
      ctx.issues.push({ ...issue, path: [...issue.path], input: undefined });
    }
    return z.NEVER;
  });
}

/** A mapping in which `key` names the section that the rest follows; a section is made when it is first named. */
export function byWord<T>(key: string, sections: Readonly<Record<string, () => z.ZodType<T>>>) {
  const words = Object.keys(sections);
  const word = oneOf(words);
  const made = new Map<string, z.ZodType<T> | undefined>();
  return choose<T>((value, ctx) => {
    if (!isMapping(value)) {
      fail(ctx, wrong(`a mapping with ${key}: ${words.join(' or ')}`, value));
      return undefined;
    }
    const found = word.safeParse(value[key]);
    if (found.success) {
      const schema = made.get(found.data) ?? sections[found.data]?.();
      made.set(found.data, schema);
      return schema;
    }
    fail(ctx, found.error.issues[0]?.message ?? 'unknown word', [key]);
    return undefined;
  });
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !isSecretText(value)
  );
}

function mapping(expected: string) {
  return z.custom<Readonly<Record<string, unknown>>>(isMapping, {
    error: (issue) => wrong(expected, issue.input),
  });
}

/** One line for each unknown key, in the order in which the issue names them. */
function unknownKeyLines(issue: z.core.$ZodRawIssue, known: readonly string[]): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  return issue.keys.map((key) => `unknown key; ${suggestion(key, known)}`).join('\n');
}

/** Undefined after it has reported what is wrong. */
function reveal(value: unknown, expected: string, ctx: Context): string | undefined {
  if (!isSecretText(value)) {
    fail(ctx, wrong(expected, value));
    return undefined;
  }
  try {
    return value.reveal();
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    fail(ctx, error.message);
    return undefined;
  }
}
