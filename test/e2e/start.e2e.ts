import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);

function evaluated(code: string): unknown {
  const argv = ['--input-type=module', '--eval', code];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('is not compiled by the Node that built it', () => {
  const start = new URL('start.js', dist).href;
  const code = `import { start } from ${JSON.stringify(start)}; console.log(start.isCached);`;
  expect(evaluated(code)).toBe(true);
});

it('gives what is loaded later everything it asks for', () => {
  const asked = readdirSync(dist).filter(
    (name) =>
      name.endsWith('.js') &&
      name !== 'main.js' &&
      /\bstart\.part\("/.test(readFileSync(new URL(name, dist), 'utf8')),
  );
  expect(asked.length).toBeGreaterThan(10);
  const urls = asked.map((name) => new URL(name, dist).href);
  const code = `
    const absent = [];
    for (const url of ${JSON.stringify(urls)}) {
      for (const [name, value] of Object.entries(await import(url))) {
        if (value === undefined) absent.push([url, name]);
      }
    }
    console.log(JSON.stringify(absent));`;
  expect(evaluated(code)).toEqual([]);
});

/** `run` as a user starts it, until it ends by itself. */
function ran(config: string): { readonly status: number | null; readonly stderr: string } {
  const folder = mkdtempSync(join(tmpdir(), 'crossbill-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'crossbill.yaml');
  writeFileSync(file, config);
  const argv = [fileURLToPath(new URL('main.js', dist)), 'run', '--config', file];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  return { status, stderr };
}

it('ends with status 1 and every problem where the configuration is wrong', () => {
  const { status, stderr } = ran('listen: 127.0.0.1:99999\nsources: [{ name: a, type: gcp }]\n');
  expect(status).toBe(1);
  expect(stderr).toMatch(/crossbill\.yaml:1:9 listen: expected host:port/);
  expect(stderr).toMatch(/crossbill\.yaml:2:28 sources\[0\]\.type: expected one of aws, azure/);
});

it('ends with status 1 and the address where another program listens', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { status, stderr } = ran(`listen: 127.0.0.1:${port}\nsources: [{ name: a, type: aws }]\n`);
  expect(status).toBe(1);
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: another program listens there`);
});
