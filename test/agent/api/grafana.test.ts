import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { generatedFiles } from '../../../dashboards/grafana/boards.ts';
import type { ApiDeps } from '../../../agent/api/api.ts';
import { apiWorld } from '../../support/api-world.ts';
import { alertingYaml, datasourcesYaml } from '../../../agent/api/grafana-provisioning.ts';
import type { InfinityTarget } from '../../dashboards/grafana/board-schema.ts';
import { boardWorld, viewerOf } from '../../dashboards/grafana/board-world.ts';
import { runInfinity } from '../../dashboards/grafana/infinity-emulator.ts';

const files = [...generatedFiles()].map(([name, text]) => ({ uid: name.slice(0, -5), text }));
const grafana = { dashboards: async () => files, url: 'https://crossbill.example.com' };
const token: ApiDeps['tokens'][number] = {
  name: 'grafana',
  token: { reveal: () => 's3cret' },
  scope: 'read',
  match: {},
};

async function get(path: string, change: Partial<ApiDeps> = {}, headers = {}) {
  return apiWorld({ grafana, ...change }).api.request(path, { headers });
}

describe('GET /grafana/dashboards', () => {
  it('lists them with where each is', async () => {
    const rows: unknown = await (await get('/grafana/dashboards')).json();
    expect(rows).toHaveLength(files.length);
    expect(rows).toContainEqual({
      uid: 'crossbill-spend',
      title: 'Crossbill: Spend',
      description: expect.stringContaining('by cloud'),
      tags: 'crossbill',
      path: '/grafana/dashboards/crossbill-spend.json',
    });
  });

  it.each(files)('answers $uid as it was generated', async ({ uid, text }) => {
    const response = await get(`/grafana/dashboards/${uid}.json`);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(await response.text()).toBe(text);
  });

  it.each([
    ['that is none', '/grafana/dashboards/nobody.json', {}, 404],
    ['outside of the folder', '/grafana/dashboards/..%2Fpackage.json', {}, 404],
    ['without a token', '/grafana/dashboards', { tokens: [token] }, 401],
    [
      'of provisioning without one',
      '/grafana/provisioning/alerting.yaml',
      { tokens: [token] },
      401,
    ],
    ['of an agent that has none', '/grafana/dashboards', { grafana: undefined }, 404],
  ])('refuses a path %s', async (_, path, change, status) => {
    expect((await get(path, change)).status).toBe(status);
  });
});

const sources = z.object({
  apiVersion: z.literal(1),
  datasources: z.tuple([
    z.object({
      uid: z.string(),
      url: z.string(),
      jsonData: z.record(z.string(), z.unknown()),
      secureJsonData: z.record(z.string(), z.string()).optional(),
    }),
  ]),
});

describe('GET /grafana/provisioning', () => {
  it('has a data source at the address of the agent, with the token of the environment', async () => {
    const path = '/grafana/provisioning/datasources.yaml';
    const headers = { Authorization: 'Bearer s3cret' };
    const text = await (await get(path, { tokens: [token] }, headers)).text();
    const [source] = sources.parse(parse(text)).datasources;
    expect(source).toMatchObject({
      url: 'https://crossbill.example.com',
      jsonData: {
        auth_method: 'bearerToken',
        allowedHosts: ['https://crossbill.example.com'],
        customHealthCheckUrl: 'https://crossbill.example.com/healthz',
      },
      secureJsonData: { bearerToken: '$CROSSBILL_TOKEN' },
    });
    expect(text).not.toContain('s3cret');
  });

  it('wants no token where the agent wants none, and keeps a sub-path', () => {
    const text = datasourcesYaml({ url: 'http://crossbill:9870/agent/', hasTokens: false });
    const [source] = sources.parse(parse(text)).datasources;
    expect(source.url).toBe('http://crossbill:9870/agent');
    expect(source.jsonData).toMatchObject({ allowedHosts: ['http://crossbill:9870'] });
    expect(source.jsonData).not.toHaveProperty('auth_method');
    expect(source).not.toHaveProperty('secureJsonData');
  });

  it('has a provider that reads classic files', async () => {
    const text = await (await get('/grafana/provisioning/dashboards.yaml')).text();
    expect(parse(text)).toMatchObject({
      apiVersion: 1,
      providers: [
        { type: 'file', allowUiUpdates: false, options: { path: expect.stringMatching(/^\//) } },
      ],
    });
  });
});

const query = z.object({
  type: z.literal('json'),
  parser: z.literal('backend'),
  source: z.literal('url'),
  format: z.literal('table'),
  url: z.string(),
  root_selector: z.literal(''),
  columns: z.array(
    z.object({ selector: z.string(), text: z.string(), type: z.enum(['string', 'number']) }),
  ),
});
const alerting = z.object({
  contactPoints: z.array(z.object({ name: z.string() })),
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          uid: z.string(),
          condition: z.literal('C'),
          notification_settings: z.object({ receiver: z.string() }),
          data: z.tuple([
            z.object({
              refId: z.literal('A'),
              datasourceUid: z.literal('crossbill'),
              model: query,
            }),
            z.object({ refId: z.literal('C'), datasourceUid: z.literal('__expr__') }),
          ]),
        }),
      ),
    }),
  ),
});
const alerts = alerting.parse(parse(alertingYaml()));
const rules = alerts.groups.flatMap((group) => group.rules);

describe('the sample alert rules', () => {
  it('tell a contact point that is there', () => {
    const names = alerts.contactPoints.map(({ name }) => name);
    expect(rules.map((rule) => rule.notification_settings.receiver)).toEqual(
      rules.map(() => names[0]),
    );
  });

  it.each(rules)(
    '$uid asks without variables for one number a row, told apart by a text',
    async (rule) => {
      const { api } = boardWorld();
      const { model } = rule.data[0];
      const target: InfinityTarget = {
        ...model,
        refId: 'A',
        datasource: { type: '', uid: '' },
        filters: [],
        url_options: { method: 'GET', data: '', params: [] },
      };
      const { fields, notices } = await runInfinity(
        target,
        { ...viewerOf(0), variables: {} },
        (path, init) => api.request(path, init),
      );
      expect(notices).toEqual([]);
      expect(fields.map(({ type }) => type).toSorted()).toEqual(['number', 'string']);
      const names = fields.find(({ type }) => type === 'string')?.values ?? [];
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
    },
  );
});
