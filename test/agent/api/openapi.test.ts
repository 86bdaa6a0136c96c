import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApi } from '../../../agent/api/openapi.ts';
import { actions, routes } from '../../../agent/api/routes.ts';
import { dimensionNames } from '../../../agent/core/dimension.ts';
import { apiWorld, withCapacity } from '../../support/api-world.ts';
import { targetStatus } from '../../support/target-status.ts';

const parameter = z.object({
  name: z.string(),
  in: z.enum(['query', 'path']),
  description: z.string(),
});
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(parameter).optional(),
});
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.object({
      get: operation.optional(),
      post: operation.optional(),
      delete: operation.optional(),
    }),
  ),
  components: z.object({
    schemas: z.record(z.string(), z.object({ properties: z.looseObject({}) })),
  }),
});

const everything = { version: '1', isOpen: false, metricsType: 'text/plain', hasGrafana: true };

async function theDocument() {
  const response = await apiWorld().api.request('/openapi.json');
  expect(response.status).toBe(200);
  return documentSchema.parse(await response.json());
}

describe('the OpenAPI document', () => {
  it('has every path there is', async () => {
    const { paths } = await theDocument();
    const known = [...routes, ...actions].map(({ path }) => path);
    expect(Object.keys(paths).toSorted()).toEqual(
      [...new Set(['/healthz', '/readyz', '/openapi.json', ...known])].toSorted(),
    );
  });

  it('has what an agent with Prometheus and Grafana answers besides', async () => {
    const metrics = { type: 'text/plain', render: async () => '' };
    const grafana = { dashboards: async () => [], url: 'http://127.0.0.1:9870' };
    const { api } = apiWorld({ metrics, grafana });
    const { paths } = documentSchema.parse(await (await api.request('/openapi.json')).json());
    const files = ['datasources', 'dashboards', 'alerting'];
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/metrics',
        '/grafana/dashboards',
        '/grafana/dashboards/{file}',
        ...files.map((name) => `/grafana/provisioning/${name}.yaml`),
      ]),
    );
    for (const path of Object.keys(paths).filter((one) => !/^.api|[{]/.test(one))) {
      const { status } = await api.request(path);
      expect([path, status]).not.toEqual([path, 404]);
    }
  });

  it('names each operation once, with every status that it answers', () => {
    const document = openApi(routes, actions, everything);
    const told = z.record(
      z.string(),
      z.record(
        z.string(),
        z.object({ operationId: z.string(), responses: z.record(z.string(), z.unknown()) }),
      ),
    );
    const operations = Object.values(told.parse(document['paths'])).flatMap(Object.values);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, responses } of operations) {
      if (['healthz', 'readyz'].includes(operationId)) continue;
      const statuses = ['401', '403', '421', '429', '500', '503'];
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', ...statuses]));
    }
  });

  it('has every dimension as a parameter of usage', async () => {
    const { paths } = await theDocument();
    const names = paths['/api/v1/usage']?.get?.parameters?.map(({ name }) => name);
    expect(names?.toSorted()).toEqual(
      ['from', 'to', 'step', 'group_by', 'columns', 'tags', ...dimensionNames].toSorted(),
    );
  });

  it('tells each action by its method, with every parameter that its path has', async () => {
    const { paths } = await theDocument();
    expect(actions.length).toBeGreaterThan(0);
    for (const { path, method, operationId } of actions) {
      const told = paths[path]?.[method];
      expect(told?.operationId).toBe(operationId);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const named = (told?.parameters ?? []).filter((one) => one.in === 'path');
      expect(named.map(({ name }) => name)).toEqual(inPath);
    }
  });

  it('names only parameters that the routes take', async () => {
    const { paths } = await theDocument();
    const { api } = apiWorld();
    for (const [path, { get }] of Object.entries(paths)) {
      for (const { name } of get?.parameters ?? []) {
        const query = name === 'tags' ? 'tag_x=' : `${name}=`;
        const text = await (await api.request(`${path}?${query}`)).text();
        expect(text).not.toMatch(/unknown parameter/);
      }
    }
  });

  it('refers to nothing that it does not hold', () => {
    const text = JSON.stringify(openApi(routes, actions, everything));
    const document: Readonly<Record<string, unknown>> = JSON.parse(text);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(references.length).toBeGreaterThan(3);
    for (const path of references) {
      const found = path.split('/').reduce<unknown>((at, step) => {
        return z.record(z.string(), z.unknown()).parse(at)[step];
      }, document);
      expect(found).toBeDefined();
    }
  });

  it('describes the rows as they are', async () => {
    const { api } = apiWorld({
      ledger: withCapacity,
      statuses: [targetStatus(), targetStatus({ lastSuccess: 0, watermark: 0, nextPoll: 1 })],
    });
    for (const route of routes.filter(({ isDocument }) => isDocument !== true)) {
      const query = 'group_by' in route.params.shape ? '?group_by=model,tag.team' : '';
      const rows = z.array(z.unknown()).parse(await (await api.request(route.path + query)).json());
      expect(rows.length).toBeGreaterThan(0);
      expect(z.array(route.row).parse(rows)).toEqual(rows);
      const [first] = rows;
      const { properties = {} } = z.toJSONSchema(route.row);
      expect(Object.keys(z.looseObject({}).parse(first))).toEqual(
        expect.arrayContaining(Object.keys(properties)),
      );
    }
  });
});
