import { answersTo, guardedProblems, notModified, taggedHeaders } from './openapi-answers.ts';
import type { Json } from './openapi-answers.ts';

/** Nobody has to say who they are. */
const open: readonly Json[] = [{}];
const waitsFor: Json = {
  'application/json': { schema: { type: 'array', items: { type: 'string' } } },
};

/** What answers without a token. */
export const probePaths: Json = {
  '/healthz': {
    get: {
      operationId: 'healthz',
      tags: ['agent'],
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
    },
  },
  '/readyz': {
    get: {
      operationId: 'readyz',
      tags: ['agent'],
      summary:
        'Whether the ledger opens and each source has been read once or failed with a reason',
      security: open,
      responses: {
        '200': { description: 'Ready; the list is empty', content: waitsFor },
        '503': { description: 'What is waited for', content: waitsFor },
      },
    },
  },
};

/** The document about itself. */
export const documentPath: Json = {
  '/openapi.json': {
    get: {
      operationId: 'openapi',
      tags: ['agent'],
      summary: 'This document',
      responses: {
        '200': {
          description: 'OpenAPI 3.1',
          headers: taggedHeaders,
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        ...notModified,
        ...answersTo(guardedProblems),
      },
    },
  },
};

/** @param mediaType what Prometheus is told in */
export function metricsPath(mediaType: string): Json {
  return {
    '/metrics': {
      get: {
        operationId: 'metrics',
        tags: ['agent'],
        summary: 'What Prometheus scrapes',
        description:
          'Counters that only grow, over restarts as well, and gauges. Needs a token of scope scrape.',
        responses: {
          '200': {
            description: 'Prometheus text exposition',
            content: { [mediaType]: { schema: { type: 'string' } } },
          },
          ...answersTo(guardedProblems),
        },
      },
    },
  };
}

const dashboard: Json = {
  type: 'object',
  properties: Object.fromEntries(
    ['uid', 'title', 'description', 'tags', 'path'].map((name) => [name, { type: 'string' }]),
  ),
  required: ['uid', 'title', 'description', 'tags', 'path'],
};

/** What Grafana is told with. */
export const grafanaPaths: Json = {
  '/grafana/dashboards': grafanaFile(
    'dashboards',
    'The dashboards, with where each is',
    'application/json',
    { type: 'array', items: dashboard },
  ),
  '/grafana/dashboards/{file}': {
    get: {
      operationId: 'dashboard',
      tags: ['grafana'],
      summary: 'One dashboard as Grafana takes it',
      parameters: [
        {
          name: 'file',
          in: 'path',
          description: 'The uid of a dashboard and .json',
          required: true,
          schema: { type: 'string', minLength: 1, examples: ['crossbill-spend.json'] },
        },
      ],
      responses: {
        '200': {
          description: 'Dashboard JSON',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        ...answersTo([...guardedProblems, 'not-found']),
      },
    },
  },
  ...Object.fromEntries(
    [
      ['datasources', 'The data source, for /etc/grafana/provisioning/datasources'],
      ['dashboards', 'Where the dashboards are, for /etc/grafana/provisioning/dashboards'],
      ['alerting', 'A sample alert rule and contact point, for /etc/grafana/provisioning/alerting'],
    ].map(([name = '', summary = '']) => [
      `/grafana/provisioning/${name}.yaml`,
      grafanaFile(`${name}Provisioning`, summary, 'application/yaml; charset=utf-8', {
        type: 'object',
      }),
    ]),
  ),
};

function grafanaFile(operationId: string, summary: string, mediaType: string, schema: Json): Json {
  return {
    get: {
      operationId,
      tags: ['grafana'],
      summary,
      responses: {
        '200': { description: 'As a file', content: { [mediaType]: { schema } } },
        ...answersTo(guardedProblems),
      },
    },
  };
}
