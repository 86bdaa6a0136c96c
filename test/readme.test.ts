import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../agent/config/load.ts';
import { clouds } from '../collectors/index.ts';

const root = new URL('..', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const sourceFolders = ['agent', 'collectors', 'exporters', 'dashboards'];

function readmes(): readonly string[] {
  const inFolders = sourceFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('README.md'))
      .map((path) => join(folder, path)),
  );
  return ['README.md', 'CONTRIBUTING.md', ...inFolders];
}

/** What a page says outside of code. */
function prose(text: string): string {
  return text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '');
}

test('there is a README in every room, cloud and exporter', () => {
  const rooms = sourceFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name)),
  );
  expect(rooms.length).toBeGreaterThan(8);
  expect(rooms.filter((room) => !existsSync(join(root, room, 'README.md')))).toEqual([]);
});

test.each(readmes())('every link of %s leads somewhere', (path) => {
  const links = [...prose(read(path)).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    (match) => match[1] ?? '',
  );
  const local = links.filter((link) => !/^(https?:|mailto:)/.test(link));
  expect(local.filter((link) => !existsSync(join(root, dirname(path), link)))).toEqual([]);
});

test.each(['README.md', 'CONTRIBUTING.md'])('every npm script %s names exists', (path) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [
    ...read(path).matchAll(
      /npm (?:run )?(check|test|demo|build|dev|bench|fmt|[a-z]+:[a-z0-9]+)\b/g,
    ),
  ];
  expect(named.length).toBeGreaterThan(0);
  expect(
    named.map((match) => match[1] ?? '').filter((name) => scripts[name] === undefined),
  ).toEqual([]);
});

test('the configuration the README shows is one the loader takes', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  const { config } = parseConfig(yaml, { file: '/etc/crossbill.yaml', env: { EXTERNAL_ID: 'x' } });
  expect(config.sources.map((source) => source.type)).toEqual(['aws', 'azure']);
});

test('every verb the README calls is one the command line knows', () => {
  const known = read('agent/cli/verbs.ts');
  const called = [...read('README.md').matchAll(/dist\/main\.js ([a-z]+)/g)].map(
    (match) => match[1] ?? '',
  );
  expect(called.length).toBeGreaterThan(3);
  expect(
    called.filter(
      (verb) => !known.includes(`verb('${verb}'`) && !known.includes(`command('${verb}')`),
    ),
  ).toEqual([]);
});

test('the table of collectors names every cloud of the registry', () => {
  for (const cloud of Object.keys(clouds))
    expect(read('collectors/README.md')).toContain(`[${cloud}](${cloud}/README.md)`);
});

test('the rights the README asks for on AWS are those the policy grants', () => {
  const policy = read('collectors/aws/README.md');
  const asked = [...read('README.md').matchAll(/`((?:cloudwatch|bedrock):\w+)`/g)].map(
    (match) => match[1] ?? '',
  );
  expect(asked.length).toBe(5);
  expect(asked.filter((action) => !policy.includes(action))).toEqual([]);
});
