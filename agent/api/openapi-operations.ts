import * as z from 'zod';
import { stepNames } from '../query/step.ts';
import type { Action } from './action.ts';
import { answersTo, guardedProblems, notModified, taggedHeaders } from './openapi-answers.ts';
import type { Json } from './openapi-answers.ts';
import type { ProblemKind } from './problem.ts';
import type { Route } from './route.ts';

/** What a route or an action is for, so that a reader finds its like beside it. */
export const tags = [
  { name: 'usage', description: 'What was used and what it costs, in tokens and US dollars' },
  { name: 'bills', description: 'What the clouds bill, and how it compares' },
  { name: 'prices', description: 'The price book' },
  { name: 'alerts', description: 'Budgets, alerts, silences, and what was sent of them' },
  { name: 'agent', description: 'How the agent is doing' },
  { name: 'grafana', description: 'What Grafana is told with' },
] as const;

const tagOf: Readonly<Record<string, (typeof tags)[number]['name']>> = {
  billed: 'bills',
  audit: 'bills',
  prices: 'prices',
  budgets: 'alerts',
  alerts: 'alerts',
  silences: 'alerts',
  deliveries: 'alerts',
  sources: 'agent',
};

const headerSchemas: Readonly<Record<string, Json>> = {
  'Crossbill-Step': { enum: stepNames },
  'Crossbill-Unpriced-Tokens': { type: 'string', pattern: '^[0-9]+$' },
};

/** The operation of a route, with every status that it may answer. */
export function routeOperation(route: Route): Json {
  const row = { $ref: `#/components/schemas/${route.rowName}` };
  const answer = route.isDocument === true ? row : { type: 'array', items: row };
  const headers = Object.entries(route.headers).map(([name, description]) => [
    name,
    { description, required: true, schema: headerSchemas[name] ?? { type: 'string' } },
  ]);
  const isStream = route.mediaType !== undefined;
  const problems: readonly ProblemKind[] = [
    'bad-parameter',
    ...guardedProblems,
    'contradiction',
    'too-many-rows',
    ...(route.mayLack === true ? (['not-found'] as const) : []),
  ];
  return {
    operationId: idOf(route.path),
    tags: [tagged(route.path)],
    summary: route.summary,
    description: route.description,
    parameters: queryParameters(route.params),
    responses: {
      '200': {
        description: route.isDocument === true ? 'A document' : 'Rows',
        headers: { ...Object.fromEntries(headers), ...(isStream ? {} : taggedHeaders) },
        content:
          route.mediaType === undefined
            ? { 'application/json': { schema: answer } }
            : { [route.mediaType]: { schema: { type: 'string' } } },
      },
      ...(isStream ? {} : notModified),
      ...answersTo(problems),
    },
  };
}

/** The operation of an action, with every status that it may answer. */
export function actionOperation(action: Action): Json {
  const schema = { $ref: `#/components/schemas/${action.answerName}` };
  const body = action.body === undefined ? undefined : bodySchema(action.body, 'input');
  const withBody = ['bad-parameter', 'too-large', 'contradiction', 'conflict'] as const;
  return {
    operationId: action.operationId,
    tags: [tagged(action.path)],
    summary: action.summary,
    description: `${action.description} Needs a token of scope ${action.scope}.`,
    parameters: Object.entries(action.params).map(([name, description]) => ({
      name,
      in: 'path',
      description,
      required: true,
      schema: { type: 'string', minLength: 1 },
    })),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      '200': { description: 'Done', content: { 'application/json': { schema } } },
      ...answersTo([...guardedProblems, 'not-found', ...(body === undefined ? [] : withBody)]),
    },
  };
}

/** Tags are the one parameter that stands for many: each key of it is a parameter of its own. */
function queryParameters(schema: z.ZodObject): readonly Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'object' ? property : {};
    return {
      name,
      in: 'query',
      description,
      required: required.includes(name),
      schema: rest,
      ...(rest.type === 'object' ? { style: 'form', explode: true } : {}),
    };
  });
}

/** What zod checks, as JSON Schema: of what is sent to us, or of what we send. */
export function bodySchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): Json {
  const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io });
  return body;
}

/** `/api/v1/export/focus` is `exportFocus`. */
function idOf(path: string): string {
  const [first = '', ...rest] = path.replace(/^\/api\/v1\//, '').split('/');
  return first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function tagged(path: string): string {
  return tagOf[path.split('/')[3] ?? ''] ?? 'usage';
}
