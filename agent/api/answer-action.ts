import type { Context } from 'hono';
import type { Action } from './action.ts';
import type { Access } from './auth.ts';
import { bodyText } from './body.ts';
import type { Gate } from './gate.ts';
import { ProblemError } from './problem.ts';
import type { RouteDeps } from './route.ts';

/** Does it for whoever may, and writes down who did. Throws what the action throws. */
export async function answerAction(
  c: Context,
  action: Action,
  gate: Gate,
  deps: RouteDeps,
): Promise<Response> {
  const access = gate.admitAction(c, action.scope);
  const params: Readonly<Record<string, string>> = c.req.param();
  const acted = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value.slice(0, 200)]),
  );
  const note = (result: 'done' | 'failed', fields: object) => {
    const address = gate.addressOf(c);
    gate.audit({
      what: action.operationId,
      access,
      address,
      result,
      fields: { params: acted, ...fields },
    });
  };
  try {
    const body = action.body === undefined ? undefined : await bodyOf(c);
    const answer = await action.act({ params, body }, access, deps);
    note('done', body === undefined ? {} : { given: JSON.stringify(body).slice(0, 1_000) });
    return c.json(answer);
  } catch (error) {
    note('failed', {
      reason: error instanceof ProblemError ? error.message.slice(0, 300) : 'internal',
    });
    throw error;
  }
}

/** Does what a form of a page asks, for whoever may write, and writes down who did. */
export async function answerForm(
  c: Context,
  path: string,
  answer: (c: Context, access: Access, body: string) => Response | Promise<Response>,
  gate: Gate,
): Promise<Response> {
  const access = gate.admitAction(c, 'write');
  const body = await bodyText(c, mostBodyBytes);
  const response = await answer(c, access, body);
  const result = response.status < 400 ? 'done' : 'failed';
  const fields = { given: body.slice(0, 1_000) };
  gate.audit({ what: `POST ${path}`, access, address: gate.addressOf(c), result, fields });
  return response;
}

/** As much of a body as is read, in bytes. */
const mostBodyBytes = 65_536;

async function bodyOf(c: Context): Promise<unknown> {
  const text = await bodyText(c, mostBodyBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError('bad-parameter', 'the body is not JSON; send a JSON object');
  }
}
