import type { Action } from './action.ts';
import { problemResponses, sharedHeaders } from './openapi-answers.ts';
import type { Json } from './openapi-answers.ts';
import { documentPath, grafanaPaths, metricsPath, probePaths } from './openapi-fixed.ts';
import { actionOperation, bodySchema, routeOperation, tags } from './openapi-operations.ts';
import { problemSchema } from './problem.ts';
import type { Route } from './route.ts';

/** The agent that the document is about. */
interface Documented {
  readonly version: string;
  /** Whether everybody who reaches it may ask. */
  readonly isOpen: boolean;
  /** The media type of `/metrics`; undefined: nothing answers there. */
  readonly metricsType: string | undefined;
  readonly hasGrafana: boolean;
}

/** The OpenAPI 3.1 document of the routes, from the schemas that validate. https://spec.openapis.org/oas/v3.1.0.html */
export function openApi(
  routes: readonly Route[],
  actions: readonly Action[],
  { version, isOpen, metricsType, hasGrafana }: Documented,
): Json {
  const shown = [{ bearer: [] }, { session: [] }];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Crossbill',
      version,
      description:
        'One ledger of what models cost across clouds. Lists are flat arrays of rows. Times are UTC, ranges half-open, money ' +
        'is US dollars unless a column says otherwise, with at most nine decimals. Null is not zero: it was not looked at, ' +
        'or nothing tells it. Errors are RFC 9457 problems that name the parameter. Answers of a demo carry the header ' +
        'Crossbill-Demo.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: isOpen ? [{}, ...shown] : shown,
    tags,
    paths: {
      ...probePaths,
      ...(metricsType === undefined ? {} : metricsPath(metricsType)),
      ...documentPath,
      ...pathsOf(routes, actions),
      ...(hasGrafana ? grafanaPaths : {}),
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
      headers: sharedHeaders,
      responses: problemResponses(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of auth.tokens' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'crossbill',
          description: 'What /login gives a browser for a token; __Host-crossbill under TLS',
        },
      },
    },
  };
}

function pathsOf(routes: readonly Route[], actions: readonly Action[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) paths[route.path] = { get: routeOperation(route) };
  for (const action of actions) {
    paths[action.path] = { ...paths[action.path], [action.method]: actionOperation(action) };
  }
  return paths;
}
