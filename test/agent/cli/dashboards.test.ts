import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { cliProcess, configFile, temporaryFolder } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startScriptedServer } from '../../support/scripted-server.ts';
import type { ScriptedHandler } from '../../support/scripted-server.ts';

const secret = 'glsa_very-secret';

async function run(env: Record<string, string>, ...argv: readonly string[]) {
  const process = cliProcess({ clock: createFakeClock(0), env });
  return { ...process, status: await process.run('dashboards', ...argv) };
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

describe('dashboards export', () => {
  it.each([
    ['public_url', 'public_url: https://c.example.com\n', 'https://c.example.com'],
    ['listen', 'listen: 127.0.0.1:9999\n', 'http://127.0.0.1:9999'],
  ])('writes all of it, for the address of %s', async (_, line, url) => {
    const folder = temporaryFolder();
    const config = configFile(
      `ledger: sqlite:./crossbill.db\nsources: [{ name: a, type: aws }]\n${line}`,
    );
    const { status, err } = await run({}, 'export', folder, '--config', config);
    expect(status, err.text()).toBe(0);
    const dashboards = readdirSync(join(folder, 'dashboards'));
    expect(dashboards).toContain('crossbill-spend.json');
    expect(JSON.parse(read(folder, 'dashboards/crossbill-spend.json'))).toMatchObject({
      uid: 'crossbill-spend',
    });
    expect(parse(read(folder, 'provisioning/datasources/crossbill.yaml'))).toMatchObject({
      datasources: [{ url }],
    });
    expect(parse(read(folder, 'provisioning/dashboards/crossbill.yaml'))).toMatchObject({
      providers: [{ options: { path: '/etc/grafana/crossbill/dashboards' } }],
    });
    expect(parse(read(folder, 'provisioning/alerting/crossbill.yaml'))).toMatchObject({
      groups: [{ name: 'crossbill' }],
    });
    expect(err.text()).toContain(`${dashboards.length} dashboards`);
  });

  it('needs no configuration where it is told the address, and wants a token then', async () => {
    const folder = temporaryFolder();
    const words = ['--url', 'http://crossbill:9870/', '--dashboards-path', '/boards'];
    const { status, err } = await run({}, 'export', folder, ...words);
    expect(status, err.text()).toBe(0);
    expect(parse(read(folder, 'provisioning/datasources/crossbill.yaml'))).toMatchObject({
      datasources: [
        { url: 'http://crossbill:9870', secureJsonData: { bearerToken: '$CROSSBILL_TOKEN' } },
      ],
    });
    expect(read(folder, 'provisioning/dashboards/crossbill.yaml')).toContain('"/boards"');
    expect(err.text()).toContain('CROSSBILL_TOKEN');
  });

  it.each(['crossbill:9870', 'ftp://crossbill', 'http://me:hunter2@crossbill'])(
    'takes no %s for an address',
    async (url) => {
      const { status, err } = await run({}, 'export', temporaryFolder(), '--url', url);
      expect(status).toBe(2);
      expect(err.text()).toContain('--url: write an http or https URL');
      expect(err.text()).not.toContain('hunter2');
    },
  );
});

async function grafana(...handlers: readonly ScriptedHandler[]) {
  const server = await startScriptedServer(handlers);
  onTestFinished(() => server.close());
  return server;
}

const noFolder: ScriptedHandler = ({ method, url }) => {
  if (method === 'GET' && url.startsWith('/api/folders/')) {
    return { status: 404, body: '{"message":"folder not found"}' };
  }
  return method === 'POST' && url === '/api/folders' ? { body: '{}' } : undefined;
};
const folderThere: ScriptedHandler = ({ method, url }) =>
  method === 'GET' && url === '/api/folders/crossbill' ? { body: '{}' } : undefined;
const takes: ScriptedHandler = ({ url }) =>
  url === '/api/dashboards/db' ? { body: '{"status":"success"}' } : undefined;

describe('dashboards push', () => {
  it('makes the folder, then puts each dashboard in place of what has its uid', async () => {
    const server = await grafana(noFolder, takes);
    const { status, out, err } = await run({ GRAFANA_TOKEN: secret }, 'push', `${server.url}/`);
    expect(status, err.text()).toBe(0);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`).slice(0, 3)).toEqual([
      'GET /api/folders/crossbill',
      'POST /api/folders',
      'POST /api/dashboards/db',
    ]);
    const pushed = server.requests.filter(({ url }) => url === '/api/dashboards/db');
    for (const { headers, body } of pushed) {
      expect(headers['authorization']).toBe(`Bearer ${secret}`);
      expect(JSON.parse(body)).toMatchObject({
        dashboard: { id: null, uid: expect.stringMatching(/^crossbill-/), schemaVersion: 42 },
        folderUid: 'crossbill',
        overwrite: true,
        message: 'crossbill 1.2.3',
      });
    }
    const links = out.text().trim().split('\n');
    expect(links).toHaveLength(pushed.length);
    expect(links).toContain(`${server.url}/d/crossbill-spend`);
  });

  const refused =
    (status: number, body: string, headers = {}): ScriptedHandler =>
    ({ url }) =>
      url === '/api/dashboards/db' ? { status, body, headers } : undefined;
  it.each([
    [
      'a token that it does not know',
      refused(401, '{"message":"Invalid API key"}'),
      /401: Invalid API key\. GRAFANA_TOKEN is not one/,
    ],
    ['a token that may not', refused(403, '{}'), /403\. The service account needs the role Editor/],
    ['another program', refused(404, '<html>'), /404\. Is this the address of Grafana/],
    [
      'a redirect',
      refused(302, '', { location: 'https://other/login' }),
      /points to https:\/\/other\/login/,
    ],
    ['a failure', refused(500, '{"message":"boom"}'), /500: boom\. The log of Grafana/],
  ])('says what to do about %s', async (_, answer, said) => {
    const server = await grafana(folderThere, answer);
    const { status, err } = await run({ GRAFANA_TOKEN: secret }, 'push', server.url);
    expect(status).toBe(1);
    expect(err.text()).toMatch(said);
    expect(err.text()).toMatch(/cannot put the dashboard crossbill-/);
    expect(err.text()).not.toContain(secret);
  });

  it('says that nobody answers', async () => {
    const server = await startScriptedServer([]);
    await server.close();
    const { status, err } = await run({ GRAFANA_TOKEN: secret }, 'push', server.url);
    expect(status).toBe(1);
    expect(err.text()).toMatch(/does not answer: .*ECONNREFUSED/);
    expect(err.text()).not.toContain(secret);
  });

  it.each([
    ['no token', {}, 'https://grafana.example.com', 'GRAFANA_TOKEN is not set'],
    ['no address', { GRAFANA_TOKEN: secret }, 'grafana', 'http or https URL'],
  ])('is wrong use with %s', async (_, env, url, said) => {
    const { status, err } = await run(env, 'push', url);
    expect(status).toBe(2);
    expect(err.text()).toContain(said);
  });
});
