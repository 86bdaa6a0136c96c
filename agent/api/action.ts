import * as z from 'zod';
import type { Access, Scope } from './auth.ts';
import { ProblemError } from './problem.ts';
import type { RouteDeps } from './route.ts';

type Params = Readonly<Record<string, string>>;

/** A path that answers POST or DELETE: it changes something. What validates its body is what documents it. */
export interface Action {
  readonly method: 'post' | 'delete';
  /** With parameters as OpenAPI writes them: `/api/v1/deliveries/{id}/retry`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly scope: Scope;
  /** What each parameter of the path says. */
  readonly params: Params;
  /** A JSON object; absent: none is read. */
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** What the answer is called in the OpenAPI document. */
  readonly answerName: string;
  /** Throws a ProblemError, for a body that is not what it should be as well. */
  act(
    given: { readonly params: Params; readonly body: unknown },
    access: Access,
    deps: RouteDeps,
  ): Promise<object>;
}

interface Definition<Body> extends Omit<Action, 'body' | 'act'> {
  readonly body?: z.ZodType<Body>;
  act(
    given: { readonly params: Params; readonly body: Body },
    access: Access,
    deps: RouteDeps,
  ): Promise<object>;
}

export function defineAction<Body = undefined>(definition: Definition<Body>): Action {
  const schema = definition.body ?? z.any();
  return {
    ...definition,
    async act({ params, body }, access, deps) {
      const result = schema.safeParse(body);
      if (result.success) return definition.act({ params, body: result.data }, access, deps);
      const faults = result.error.issues.map((issue) => ({
        parameter: issue.path.join('.'),
        detail: issue.message,
      }));
      const detail = faults.map((fault) => `${fault.parameter}: ${fault.detail}`).join('; ');
      throw new ProblemError('bad-parameter', detail, faults);
    },
  };
}
