/**
 * Who may import whom, as data. A pattern is a path from the root or a package's name; a trailing `*` stands for any rest.
 * To change the law, change it here and say why in CONTRIBUTING.md.
 */
export interface FolderRule {
  /** The files the rule speaks for; the first rule that matches a file is the one that counts. */
  readonly from: string;
  /** What they may import in any form. */
  readonly may: readonly string[];
  /** What they may import by `import type` only. */
  readonly mayForTypes?: readonly string[];
  /** What they may import by `import()` or `import type` only, so that nothing loads before it is wanted. */
  readonly mayLazily?: readonly string[];
}

const core = 'agent/core/*';

/** A room sees itself, core, and what is listed beside it. */
function room(from: string, ...more: readonly string[]): FolderRule {
  return { from, may: [from, core, ...more] };
}

const quietRooms = ['config', 'schedule', 'normalize', 'pricing', 'export', 'query', 'upkeep'];
const agentRooms = [...quietRooms, 'core', 'reconcile', 'placement', 'alerts', 'api'].map(
  (name) => `agent/${name}/*`,
);

export const folderRules: readonly FolderRule[] = [
  { from: core, may: [core] },
  ...quietRooms.map((name) => room(`agent/${name}/*`)),
  room('agent/reconcile/*', 'agent/pricing/*'),
  room('agent/placement/*', 'agent/pricing/*'),
  room('agent/alerts/*', 'agent/pricing/*', 'agent/query/*'),
  room('agent/api/*', 'agent/query/*'),
  {
    ...room('agent/cli/*', ...agentRooms, 'agent/app.ts', 'collectors/index.ts'),
    mayForTypes: ['dashboards/page/*'],
  },
  { from: 'agent/app.ts', may: agentRooms },
  { from: 'agent/main.ts', may: ['agent/*', 'collectors/*', 'exporters/*', 'dashboards/*'] },

  { from: 'collectors/index.ts', may: [core], mayLazily: ['collectors/*'] },
  room('collectors/aws/*'),
  room('collectors/azure/*'),
  room('collectors/emulator/*'),
  room('collectors/files/*'),

  { from: 'exporters/index.ts', may: [core], mayLazily: ['exporters/*'] },
  room('exporters/sqlite/*'),
  room('exporters/otlp/*'),
  room('exporters/focus/*'),
  room('exporters/webhook/*'),

  { from: 'dashboards/page/*', may: ['dashboards/page/*'], mayForTypes: [core] },
  { from: 'dashboards/grafana/*', may: ['dashboards/grafana/*'] },
];

export interface PackageHome {
  readonly package: string;
  /** The only files that may import it. */
  readonly homes: readonly string[];
}

const anywhereButCore = ['agent/*', 'collectors/*', 'exporters/*', 'dashboards/*'];

/** No package reaches core, whatever its row says; a package without a row has no home at all. */
export const packageHomes: readonly PackageHome[] = [
  { package: 'node:*', homes: anywhereButCore },
  { package: 'zod', homes: anywhereButCore },
  { package: '@aws-sdk/*', homes: ['collectors/aws/*'] },
  { package: '@smithy/*', homes: ['collectors/aws/*'] },
  { package: '@azure/*', homes: ['collectors/azure/*'] },
  { package: 'csv-parse', homes: ['collectors/files/*'] },
  { package: 'hyparquet', homes: ['collectors/files/*'] },
  { package: 'hyparquet-compressors', homes: ['collectors/files/*'] },
  { package: 'better-sqlite3', homes: ['exporters/sqlite/*'] },
  { package: 'better-sqlite3-napi', homes: ['exporters/sqlite/*'] },
  { package: '@opentelemetry/*', homes: ['exporters/otlp/*'] },
  { package: 'yaml', homes: ['agent/config/*'] },
  { package: 'fastest-levenshtein', homes: ['agent/config/*'] },
  { package: 'hono', homes: ['agent/api/*', 'dashboards/page/*'] },
  { package: 'hono/*', homes: ['agent/api/*', 'dashboards/page/*'] },
  { package: '@hono/node-server', homes: ['agent/api/*', 'agent/main.ts'] },
  { package: '@hono/node-server/*', homes: ['agent/api/*', 'agent/main.ts'] },
  { package: 'commander', homes: ['agent/cli/*', 'agent/main.ts'] },
  { package: 'cli-progress', homes: ['agent/cli/*'] },
  { package: 'cli-table3', homes: ['agent/cli/*'] },
  { package: '@pydantic/genai-prices', homes: ['agent/pricing/*'] },
  { package: 'hyparquet-writer', homes: ['exporters/focus/*'] },
  { package: 'undici', homes: ['exporters/webhook/*'] },
  { package: 'pino', homes: ['agent/main.ts'] },
  { package: '@grafana/*', homes: ['dashboards/grafana/*'] },
  { package: 'uplot', homes: ['dashboards/page/client/*'] },
  { package: 'esbuild', homes: ['dashboards/page/assets/from-source.ts'] },
];
