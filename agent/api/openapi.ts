import { z } from 'zod';
import type { Action } from './action.ts';
import { problemSchema } from './problem.ts';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of the routes, from the schemas that validate. https://spec.openapis.org/oas/v3.1.0.html */
export function openApi(
  routes: readonly Route[],
  actions: readonly Action[],
  version: string,
): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Crossbill',
      version,
      description: 'One ledger of what models cost across clouds.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{}, { bearer: [] }],
    paths: {
      '/healthz': { get: health },
      '/readyz': { get: readiness },
      '/openapi.json': { get: itself },
      ...pathsOf(routes, actions),
    },
    components: {
      schemas: {
        Problem: bodySchema(problemSchema),
        ...Object.fromEntries(
          routes
            .filter(({ mediaType }) => mediaType === undefined)
            .map(({ rowName, row }) => [rowName, bodySchema(row)]),
        ),
        ...Object.fromEntries(
          actions.map(({ answerName, answer }) => [answerName, bodySchema(answer)]),
        ),
      },
      responses: {
        Problem: {
          description: 'What went wrong and what to do, as RFC 9457 says it',
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of auth.tokens' },
      },
    },
  };
}

function pathsOf(routes: readonly Route[], actions: readonly Action[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) paths[route.path] = { get: operation(route) };
  for (const action of actions) {
    paths[action.path] = { ...paths[action.path], [action.method]: actionOperation(action) };
  }
  return paths;
}

function actionOperation(action: Action): Json {
  const schema = { $ref: `#/components/schemas/${action.answerName}` };
  const body = action.body === undefined ? undefined : bodySchema(action.body, 'input');
  return {
    operationId: action.operationId,
    summary: action.summary,
    description: action.description,
    parameters: Object.entries(action.params).map(([name, description]) => ({
      name,
      in: 'path',
      description,
      required: true,
      schema: { type: 'string' },
    })),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      '200': { description: 'Done', content: { 'application/json': { schema } } },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function operation(route: Route): Json {
  const row = { $ref: `#/components/schemas/${route.rowName}` };
  const answer = route.isDocument === true ? row : { type: 'array', items: row };
  const headers = Object.entries(route.headers).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return {
    operationId: route.path.split('/').at(-1),
    summary: route.summary,
    description: route.description,
    parameters: parameters(route.params),
    responses: {
      '200': {
        description: route.isDocument === true ? 'A document' : 'Rows',
        headers: Object.fromEntries(headers),
        content:
          route.mediaType === undefined
            ? { 'application/json': { schema: answer } }
            : { [route.mediaType]: { schema: { type: 'string' } } },
      },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** Tags are the one parameter that stands for many: each key of it is a parameter of its own. */
function parameters(schema: z.ZodObject): readonly Json[] {
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

function bodySchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): Json {
  const { $schema: _dialect, ...body } = z.toJSONSchema(schema, { io });
  return body;
}

const open: readonly Json[] = [{}];

const health: Json = {
  operationId: 'healthz',
  summary: 'Whether the agent is alive',
  security: open,
  responses: {
    '200': {
      description: 'It is',
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: { status: { const: 'ok' } },
            required: ['status'],
          },
        },
      },
    },
  },
};

const waitsFor: Json = {
  'application/json': { schema: { type: 'array', items: { type: 'string' } } },
};

const readiness: Json = {
  operationId: 'readyz',
  summary: 'Whether the ledger opens and each source has been read once or failed with a reason',
  security: open,
  responses: {
    '200': { description: 'Ready; the list is empty', content: waitsFor },
    '503': { description: 'What is waited for', content: waitsFor },
  },
};

const itself: Json = {
  operationId: 'openapi',
  summary: 'This document',
  responses: {
    '200': {
      description: 'OpenAPI 3.1',
      content: { 'application/json': { schema: { type: 'object' } } },
    },
    default: { $ref: '#/components/responses/Problem' },
  },
};
