import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fixturesFolder = fileURLToPath(new URL('../../fixtures/', import.meta.url));

export interface Fixture {
  readonly name: string;
  /** As the loader is to name it. */
  readonly path: string;
  readonly text: string;
}

/** Every configuration, or every file of prices, that must load, or every one that must not. */
export function fixtures(
  kind: 'good' | 'bad',
  of: 'config' | 'prices' = 'config',
): readonly Fixture[] {
  const folder = `${fixturesFolder}${of}/`;
  return readdirSync(`${folder}${kind}`)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => {
      const path = `${folder}${kind}/${name}`;
      return { name: name.replace('.yaml', ''), path, text: readFileSync(path, 'utf8') };
    });
}

export function goodFixture(name: string): Fixture {
  const found = fixtures('good').find((fixture) => fixture.name === name);
  if (found === undefined) throw new Error(`no good configuration called ${name}`);
  return found;
}

/** What the good ones refer to. Each value that is a secret holds the word `sesame`. */
export const env: Readonly<Record<string, string>> = {
  SCRAPE_TOKEN: 'sesame-scrape',
  READ_TOKEN: 'sesame-read',
  EXTERNAL_ID: 'sesame-external',
  STATIC_TOKEN: 'sesame-static',
  HOOK: 'https://hooks.example.org/sesame-hook',
  HOOK_SECRET: 'sesame-signing',
  PD_KEY: 'sesame-routing',
  SLACK_PATH: 'sesame-slack',
  TEAMS_URL: 'https://teams.example.org/sesame-teams',
  OTLP_TOKEN: 'sesame-otlp',
  PORT: '9871',
  EVERY: '7m',
  NAME: 'from-env',
  TYPE: 'aws',
  NUMBER: '2',
  EMPTY: '',
};
