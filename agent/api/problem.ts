import type { Context } from 'hono';
import * as z from 'zod';

const errorSchema = z.object({
  parameter: z.string(),
  detail: z.string(),
});

/** RFC 9457 problem details: https://www.rfc-editor.org/rfc/rfc9457.html */
export const problemSchema = z.object({
  type: z.string().meta({ description: 'What kind of problem; stable, not an address' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What failed, why, and what to do' }),
  parameter: z.string().optional().meta({ description: 'The parameter at fault' }),
  errors: z
    .array(errorSchema)
    .optional()
    .meta({ description: 'Every fault, where there are several' }),
});

export type Problem = z.output<typeof problemSchema>;

const kinds = {
  'bad-parameter': { status: 400, title: 'A parameter is wrong' },
  unauthorized: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'The token does not allow this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'The method is not for this path' },
  conflict: { status: 409, title: 'It is not in a state for this' },
  'too-large': { status: 413, title: 'The body is too large' },
  'unknown-host': { status: 421, title: 'The host is not one of ours' },
  contradiction: { status: 422, title: 'The parameters do not go together' },
  'too-many-rows': { status: 422, title: 'The answer would be too long' },
  'too-many-requests': { status: 429, title: 'This is asked too often' },
  internal: { status: 500, title: 'The agent failed to answer' },
  'too-slow': { status: 503, title: 'The answer takes too long' },
} as const;

export type ProblemKind = keyof typeof kinds;

/** The status that a problem is answered with, and its title. */
export function saidOf(kind: ProblemKind): { readonly status: number; readonly title: string } {
  return kinds[kind];
}

/** A problem to answer with. Its message and details are for the asker, so they carry no secret. */
export class ProblemError extends Error {
  readonly kind: ProblemKind;
  readonly faults: readonly z.output<typeof errorSchema>[];

  constructor(kind: ProblemKind, detail: string, faults: Problem['errors'] = []) {
    super(detail);
    this.name = 'ProblemError';
    this.kind = kind;
    this.faults = faults;
  }
}

function problemOf({ kind, message, faults }: ProblemError): Problem {
  const [first, second] = faults;
  return {
    type: `urn:crossbill:problem:${kind}`,
    ...kinds[kind],
    detail: message,
    ...(first === undefined ? {} : { parameter: first.parameter }),
    ...(second === undefined ? {} : { errors: [...faults] }),
  };
}

export function answerProblem(c: Context, error: ProblemError): Response {
  const problem = problemOf(error);
  if (error.kind === 'unauthorized') c.header('WWW-Authenticate', 'Bearer realm="crossbill"');
  return c.body(JSON.stringify(problem), kinds[error.kind].status, {
    'Content-Type': 'application/problem+json',
  });
}
