import { describe, expect, test } from 'vitest';

import { cycleIn, homeOf, importsOf, ruleOf, violationsOf } from './support/import-check.ts';
import { folderRules, packageHomes } from './support/import-rules.ts';
import { sourceFiles } from './support/source-files.ts';

describe('the source', () => {
  const files = sourceFiles();

  test('was seen: a checker that looked at nothing finds nothing', () => {
    expect(files.size).toBeGreaterThan(10);
    expect([...files].flatMap(([file, text]) => importsOf(file, text)).length).toBeGreaterThan(10);
  });

  test('imports only what the rules allow', () => {
    expect([...files].flatMap(([file, text]) => violationsOf(file, text))).toEqual([]);
  });

  test('has no cycle between files', () => {
    expect(cycleIn(files)).toBeUndefined();
  });
});

/** What it breaks, the file, and the import planted in it. */
const planted: readonly (readonly [sentence: string, file: string, text: string])[] = [
  ['core takes no package', 'agent/core/x.ts', `import { z } from 'zod';`],
  ['core does no I/O', 'agent/core/x.ts', `import { readFileSync } from 'node:fs';`],
  [
    'a type import is an import',
    'agent/core/x.ts',
    `import type { Rule } from '../alerts/rule.ts';`,
  ],
  ['config sees no other room', 'agent/config/x.ts', `import { rate } from '../pricing/rate.ts';`],
  ['schedule sees no other room', 'agent/schedule/x.ts', `import { q } from '../query/plan.ts';`],
  ['normalize knows no price', 'agent/normalize/x.ts', `import { r } from '../pricing/rate.ts';`],
  ['pricing does not look up', 'agent/pricing/x.ts', `import { q } from '../query/plan.ts';`],
  ['export sees no other room', 'agent/export/x.ts', `import { q } from '../query/plan.ts';`],
  ['query knows no price', 'agent/query/x.ts', `import { rate } from '../pricing/rate.ts';`],
  ['upkeep sees no other room', 'agent/upkeep/x.ts', `import { rate } from '../pricing/rate.ts';`],
  ['reconcile sees pricing alone', 'agent/reconcile/x.ts', `import { q } from '../query/plan.ts';`],
  ['placement sees pricing alone', 'agent/placement/x.ts', `import { q } from '../query/plan.ts';`],
  ['alerts see pricing and query', 'agent/alerts/x.ts', `import { a } from '../api/app.ts';`],
  ['the api rates nothing', 'agent/api/x.ts', `import { rate } from '../pricing/rate.ts';`],
  ['a verb takes no store', 'agent/cli/x.ts', `import { stores } from '../../exporters/index.ts';`],
  ['a verb opens no ledger', 'agent/cli/x.ts', `import { s } from '../../exporters/index.ts';`],
  ['a verb knows no one cloud', 'agent/cli/x.ts', `import { a } from '../../collectors/aws/i.ts';`],
  [
    'a verb knows the page by its types',
    'agent/cli/x.ts',
    `import { createPage } from '../../dashboards/page/page.tsx';`,
  ],
  ['the process takes no argv', 'agent/app.ts', `import { verbs } from './cli/verbs.ts';`],
  ['the process names no cloud', 'agent/app.ts', `import { c } from '../collectors/index.ts';`],
  ['main holds no cloud', 'agent/main.ts', `import {} from '@azure/identity';`],
  ['nobody imports main', 'agent/app.ts', `import { main } from './main.ts';`],
  [
    'only main sees collectors',
    'agent/alerts/x.ts',
    `import { aws } from '../../collectors/aws/a.ts';`,
  ],
  [
    'a re-export is an import',
    'agent/api/x.ts',
    `export { q } from '../../exporters/sqlite/q.ts';`,
  ],
  [
    'an export of everything is an import',
    'agent/api/x.ts',
    `export * from '../../exporters/sqlite/q.ts';`,
  ],
  ['an import for its effect is one', 'agent/api/x.ts', `import '../../exporters/index.ts';`],
  [
    'an import over many lines is one',
    'agent/query/x.ts',
    `import {\n  a,\n  type B,\n} from '../pricing/rate.ts';`,
  ],
  [
    'a dynamic import is an import',
    'exporters/otlp/x.ts',
    `const s = await import('../sqlite/s.ts');`,
  ],
  ['a require is an import', 'agent/query/x.ts', `const pino = require('pino');`],
  ['an import must name its file', 'exporters/otlp/x.ts', 'const s = await import(name);'],
  [
    'one cloud never sees another',
    'collectors/aws/x.ts',
    `import { c } from '../azure/client.ts';`,
  ],
  ['nor the other way', 'collectors/azure/x.ts', `import { c } from '../aws/client.ts';`],
  ['a cloud sees core alone', 'collectors/aws/x.ts', `import { r } from '../../agent/query/q.ts';`],
  [
    'the emulator is no cloud',
    'collectors/emulator/x.ts',
    `import { c } from '../aws/catalog.ts';`,
  ],
  ['the emulator needs no SDK', 'collectors/emulator/x.ts', `import {} from '@azure/identity';`],
  [
    'a reader of files sees no cloud',
    'collectors/files/x.ts',
    `import { c } from '../aws/catalog.ts';`,
  ],
  ['CSV is read in one folder', 'agent/cli/x.ts', `import { parse } from 'csv-parse';`],
  [
    'Parquet is read in one folder',
    'exporters/focus/x.ts',
    `import { parquetRead } from 'hyparquet';`,
  ],
  [
    'its compressors live with it',
    'exporters/focus/x.ts',
    `import { compressors } from 'hyparquet-compressors';`,
  ],
  [
    'Parquet is written in one folder',
    'collectors/files/x.ts',
    `import { parquetWrite } from 'hyparquet-writer';`,
  ],
  ['one folder sends webhooks', 'agent/alerts/x.ts', `import { request } from 'undici';`],
  ['the collectors load lazily', 'collectors/index.ts', `import { aws } from './aws/index.ts';`],
  [
    'the exporters load lazily',
    'exporters/index.ts',
    `export { sqlite } from './sqlite/index.ts';`,
  ],
  ['the registry is core alone', 'collectors/index.ts', `import { q } from '../agent/query/q.ts';`],
  ['one exporter never sees another', 'exporters/focus/x.ts', `import { q } from '../otlp/e.ts';`],
  [
    'the ledger knows no query',
    'exporters/sqlite/x.ts',
    `import { q } from '../../agent/query/q.ts';`,
  ],
  [
    'a sender knows no alert rule',
    'exporters/webhook/x.ts',
    `import { r } from '../../agent/alerts/r.ts';`,
  ],
  [
    'the page takes types of core',
    'dashboards/page/x.tsx',
    `import { m } from '../../agent/core/m.ts';`,
  ],
  [
    'the page reads by its port',
    'dashboards/page/x.tsx',
    `import { q } from '../../agent/query/q.ts';`,
  ],
  [
    'a dashboard needs no core',
    'dashboards/grafana/x.ts',
    `import { m } from '../../agent/core/m.ts';`,
  ],
  [
    'nobody imports a dashboard',
    'agent/api/x.ts',
    `import { d } from '../../dashboards/grafana/d.ts';`,
  ],
  ['the driver has one home', 'agent/alerts/x.ts', `import Database from 'better-sqlite3';`],
  [
    'the driver of newer Nodes has the same home',
    'agent/alerts/x.ts',
    `import Database from 'better-sqlite3-napi';`,
  ],
  ['the web framework has two homes', 'agent/alerts/x.ts', `import { Hono } from 'hono';`],
  ['its sub-paths live with it', 'agent/cli/x.ts', `import { cors } from 'hono/cors';`],
  ['the page opens no port', 'dashboards/page/x.ts', `import { serve } from '@hono/node-server';`],
  [
    'nor serves files by itself',
    'agent/cli/x.ts',
    `import { s } from '@hono/node-server/serve-static';`,
  ],
  ['AWS is one folder', 'agent/config/x.ts', `import {} from '@aws-sdk/credential-providers';`],
  [
    'so are the parts it is made of',
    'exporters/webhook/x.ts',
    `import {} from '@smithy/signature-v4';`,
  ],
  ['Azure is one folder', 'collectors/aws/x.ts', `import { c } from '@azure/core-auth';`],
  [
    'OpenTelemetry is one folder',
    'agent/export/x.ts',
    `import { trace } from '@opentelemetry/api';`,
  ],
  ['only config reads YAML', 'agent/pricing/x.ts', `import { parse } from 'yaml';`],
  [
    'only config guesses at a word',
    'agent/cli/x.ts',
    `import { closest } from 'fastest-levenshtein';`,
  ],
  ['only a verb parses arguments', 'agent/app.ts', `import { Command } from 'commander';`],
  ['only a verb shows progress', 'agent/schedule/x.ts', `import { Bar } from 'cli-progress';`],
  ['only a verb draws a table', 'agent/query/x.ts', `import Table from 'cli-table3';`],
  [
    'only pricing knows the packaged prices',
    'agent/query/x.ts',
    `import { findProvider } from '@pydantic/genai-prices';`,
  ],
  ['only main chooses the logger', 'agent/app.ts', `import { pino } from 'pino';`],
  ['Grafana is one folder', 'dashboards/page/x.ts', `import {} from '@grafana/schema';`],
  ['charts that move are for browsers', 'dashboards/page/page.tsx', `import uPlot from 'uplot';`],
  ['nothing is built but from source', 'agent/main.ts', `import { build } from 'esbuild';`],
  ['a package without a row is a stranger', 'agent/query/x.ts', `import _ from 'lodash';`],
  ['a name alone is not a package row', 'agent/query/x.ts', `import { m } from 'zod-mini';`],
  ['a built-in carries its prefix', 'agent/query/x.ts', `import { readFileSync } from 'fs';`],
  ['an import carries its suffix', 'agent/query/x.ts', `import { plan } from './plan';`],
  ['a new folder must be declared', 'scripts/x.ts', `import 'node:fs';`],
  ['a new room must be declared', 'agent/billing/x.ts', ''],
  ['a new file beside main must be declared', 'agent/version.ts', ''],
  ['a new cloud must be declared', 'collectors/gcp/index.ts', ''],
  ['a new exporter must be declared', 'exporters/kafka/index.ts', ''],
  ['a new dashboard must be declared', 'dashboards/tui/index.ts', ''],
];

describe('a planted violation is found', () => {
  test.each(planted)('%s', (_, file, text) => {
    expect(violationsOf(file, text)).toEqual([expect.stringContaining(`${file}: `)]);
  });

  test('of every folder rule', () => {
    const broken = new Set(planted.map(([, file]) => ruleOf(file)));
    expect(folderRules.filter((rule) => !broken.has(rule))).toEqual([]);
  });

  test('of every package', () => {
    const imports = planted.flatMap(([, file, text]) => importsOf(file, text));
    const broken = new Set(imports.map(({ target }) => homeOf(target)));
    expect(packageHomes.filter((home) => !broken.has(home))).toEqual([]);
  });
});

const lawful: readonly (readonly [sentence: string, file: string, text: string])[] = [
  ['core sees itself', 'agent/core/x.ts', `import type { Window } from './time.ts';`],
  ['a room sees core', 'agent/alerts/x.ts', `import { nano } from '../core/money.ts';`],
  ['a folder sees its parts', 'collectors/aws/bills/x.ts', `import { c } from '../client.ts';`],
  ['alerts price', 'agent/alerts/x.ts', `import { rate } from '../pricing/rate.ts';`],
  ['the api asks', 'agent/api/x.ts', `import { plan } from '../query/plan.ts';`],
  ['a verb sees any room', 'agent/cli/x.ts', `import { drift } from '../reconcile/drift.ts';`],
  ['a verb finds a cloud', 'agent/cli/x.ts', `import { c } from '../../collectors/index.ts';`],
  ['main sees everything', 'agent/main.ts', `import { e } from '../exporters/index.ts';`],
  ['a registry loads', 'collectors/index.ts', `export const aws = () => import('./aws/index.ts');`],
  ['a registry may speak of types', 'exporters/index.ts', `import type { O } from './otlp/o.ts';`],
  [
    'the page reads types',
    'dashboards/page/x.tsx',
    `import type { M } from '../../agent/core/m.ts';`,
  ],
  ['the driver is at home', 'exporters/sqlite/x.ts', `import Database from 'better-sqlite3';`],
  ['an SDK is at home', 'collectors/aws/x.ts', `import { C } from '@aws-sdk/client-cloudwatch';`],
  ['anyone validates', 'exporters/focus/x.ts', `import { z } from 'zod';`],
  ['a comment is no import', 'agent/core/x.ts', `/** Once import('pino').\n * import 'pino' */`],
  ['a method is no import', 'agent/cli/x.ts', `await ledger.import(file);`],
];

describe('a lawful import is let be', () => {
  test.each(lawful)('%s', (_, file, text) => {
    expect(violationsOf(file, text)).toEqual([]);
  });
});

describe('a cycle is found', () => {
  test('over three files, from wherever it is entered', () => {
    const files = new Map([
      ['agent/app.ts', `import { a } from './core/a.ts';`],
      ['agent/core/a.ts', `import type { B } from './b.ts';`],
      ['agent/core/b.ts', `export { c } from './c.ts';`],
      ['agent/core/c.ts', `const a = () => import('./a.ts');`],
    ]);
    expect(cycleIn(files)).toEqual(['a', 'b', 'c', 'a'].map((name) => `agent/core/${name}.ts`));
  });

  test('and a diamond is none', () => {
    const files = new Map([
      ['agent/core/a.ts', `import './b.ts';\nimport './c.ts';`],
      ['agent/core/b.ts', `import './d.ts';`],
      ['agent/core/c.ts', `import './d.ts';`],
      ['agent/core/d.ts', ''],
    ]);
    expect(cycleIn(files)).toBeUndefined();
  });
});
