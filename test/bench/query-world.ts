import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MeterUnit, Sample, Target } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import type { Ledger } from '../../agent/core/store.ts';
import type { TeamRule } from '../../agent/query/dimensions.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { awsCatalog } from '../../collectors/aws/catalog.ts';
import { catalog as azureCatalog } from '../../collectors/azure/catalog.ts';
import { Driver } from '../../exporters/sqlite/driver.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { migrations } from '../../exporters/sqlite/migrations.ts';

/**
 * A thousand series of usage: 600 on Bedrock (8 accounts, 5 regions, 15 models), 400 deployments on Azure (20 accounts of 20).
 * A week of minutes and thirteen months of hours and days, none of them silent, as a ledger file that is made once and kept.
 */
export const worldEnd = Date.UTC(2026, 10, 25, 10, 33);
const minutesFrom = worldEnd - 7 * dayMs - 4 * hourMs;
export const hoursFrom = Date.UTC(2025, 9, 25);

export const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

const awsAccounts = Array.from({ length: 8 }, (_, index) => String(111_122_220_000 + index));
const regions = ['us-east-1', 'us-west-2', 'eu-central-1', 'eu-west-1', 'ap-northeast-1'];
const awsModels = Array.from({ length: 15 }, (_, index) => `openai.gpt-5.${index}-sol`);
const azureResources = 20;
const azureDeployments = 20;

export const teams: readonly TeamRule[] = [
  ...awsAccounts.map((account, index) => ({
    kind: 'named' as const,
    name: `team-${index % 6}`,
    match: { account: [account] },
  })),
  { kind: 'named', name: 'team-6', match: { resource: ['foundry-1*'] } },
];

interface Traffic {
  readonly dimensions: Readonly<Record<string, string>>;
}

interface Source {
  readonly target: Target;
  readonly traffics: readonly Traffic[];
}

const retention = [
  { periodSeconds: 60, ageSeconds: 15 * 86_400 },
  { periodSeconds: 3_600, ageSeconds: 455 * 86_400 },
];

const runtimeRows = awsCatalog.filter(
  (row) => row.namespace === 'AWS/Bedrock' && row.level === 'total',
);
const azureRows = azureCatalog.filter((row) =>
  [
    'InputTokens',
    'OutputTokens',
    'ModelRequests',
    'TimeToLastByte',
    'NormalizedTimeToFirstToken',
  ].includes(row.metricNames[0] ?? ''),
);

function awsSource(account: string, region: string): Source {
  const traffics = awsModels.map((ModelId) => ({ dimensions: { ModelId } }));
  const units = traffics.flatMap(({ dimensions }) =>
    runtimeRows.map((row) => unitOf(row, dimensions, Object.values(dimensions))),
  );
  const target = targetOf('aws', account, region, '', runtimeRows, units);
  return { target, traffics };
}

function azureSource(index: number): Source {
  const traffics = Array.from({ length: azureDeployments }, (_, deployment) => ({
    dimensions: {
      ModelDeploymentName: `chat-${deployment}`,
      ModelName: `gpt-5.${deployment % 15}-sol`,
      ModelVersion: '2026-07-13',
      StatusCode: '200',
    },
  }));
  const units = azureRows.map((row) => {
    const names = row.dimensions.filter((name) => !name.endsWith('?'));
    return unitOf(row, Object.fromEntries(names.map((name) => [name, '*'])), []);
  });
  const account = `00000000-0000-0000-0000-00000000000${index % 4}`;
  return {
    target: targetOf('azure', account, 'eastus', `foundry-${index}`, azureRows, units),
    traffics,
  };
}

function unitOf(
  row: CatalogRow,
  dimensions: Readonly<Record<string, string>>,
  names: readonly string[],
): MeterUnit {
  const metric = row.metricNames[0] ?? '';
  return { key: [row.id, metric, ...names].join('|'), rowId: row.id, metric, dimensions };
}

function targetOf(
  cloud: Target['cloud'],
  account: string,
  region: string,
  resource: string,
  rows: readonly CatalogRow[],
  units: readonly MeterUnit[],
): Target {
  const id = [cloud, account, region, resource].filter((part) => part !== '').join('/');
  const remembered = { rememberUnits: cloud === 'aws', retention, labels: {} };
  return { id, source: cloud, cloud, account, region, resource, rows, units, ...remembered };
}

const sources: readonly Source[] = [
  ...awsAccounts.flatMap((account) => regions.map((region) => awsSource(account, region))),
  ...Array.from({ length: azureResources }, (_, index) => azureSource(index)),
];

/** A number that looks like chance: the same in SQL, in `valueOf`, and whenever it is asked for. */
function samplesOf({ target, traffics }: Source, window: Window): readonly Sample[] {
  return traffics.flatMap(({ dimensions }, place) =>
    target.rows.flatMap((row) => {
      const names = row.dimensions.filter((name) => !name.endsWith('?'));
      const told = Object.fromEntries(names.map((name) => [name, dimensions[name] ?? '']));
      const metric = row.metricNames[0] ?? '';
      const unitKey =
        target.cloud === 'aws'
          ? unitOf(row, told, Object.values(dimensions)).key
          : unitOf(row, told, []).key;
      return row.statistics.map((statistic): Sample => {
        const starts: number[] = [];
        const values: number[] = [];
        const isInput = row.measure.kind === 'tokens' && row.measure.meter === 'input';
        for (let start = window.start; start < window.end; start += minuteMs) {
          const mixed = Math.imul(place * 7_919 + start / minuteMs, 2_654_435_761) >>> 8;
          starts.push(start);
          values.push(1 + (mixed % 9_000) + (isInput ? 20_000 : 0));
        }
        return { unitKey, rowId: row.id, metric, dimensions: told, statistic, starts, values };
      });
    }),
  );
}

/** Reads a window of one target in, as a poll does; which of the targets is up to `turn`. */
export function ingest(ledger: Ledger, turn: number, window: Window): void {
  const source = sources[turn % sources.length];
  if (source === undefined) return;
  const request = { target: source.target, units: source.target.units, window, periodSeconds: 60 };
  const normalized = normalize(request, samplesOf(source, window));
  ledger.commit({ ...request, ...normalized, readAt: window.end + minuteMs });
}

export const targetCount = sources.length;

/** The ledger file, made now where this is not yet done. */
export function worldFile(): string {
  const made = createHash('sha256')
    .update(readFileSync(new URL(import.meta.url)))
    .update(migrations.join('\n'))
    .digest('hex');
  const folder = join(tmpdir(), 'crossbill-query-world');
  const path = join(folder, `${made.slice(0, 12)}.db`);
  if (existsSync(path)) return path;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const unfinished = `${path}.unfinished`;
  build(unfinished);
  rmSync(`${unfinished}.lock`);
  renameSync(unfinished, path);
  return path;
}

function build(path: string): void {
  const ledger = openLedger(path, interpretation, worldEnd);
  for (const source of ['aws', 'azure']) {
    const targets = sources.map(({ target }) => target).filter((one) => one.source === source);
    ledger.recordDiscovery(
      source,
      { scopes: [source], targets, inventory: [], failures: [] },
      worldEnd,
    );
  }
  const newest = { start: worldEnd - 30 * minuteMs, end: worldEnd };
  for (let turn = 0; turn < sources.length; turn += 1) ingest(ledger, turn, newest);
  ledger.close();
  const db = new Driver(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -200000');
  db.exec(fill());
  db.pragma('journal_mode = DELETE');
  db.close();
}

/** Whole minutes since the epoch. */
const at = (instant: number) => instant / minuteMs;

/** What the week and the months before hold, by the thousand rows a statement. */
function fill(): string {
  const chance = (salt: number, most: number) =>
    `(i.id * 7919 + t.m * ${104_729 + 2 * salt}) * ${2_654_435 + 2 * salt} / 1024 % ${most}`;
  const amounts = (scale: number) =>
    [
      `${20_000 * scale} + ${chance(1, 30_000 * scale)}`,
      `CASE WHEN i.id % 3 = 0 THEN NULL ELSE ${chance(2, 20_000 * scale)} END`,
      `CASE WHEN i.id % 3 = 0 THEN NULL ELSE ${chance(3, 4_000 * scale)} END`,
      `${500 * scale} + ${chance(4, 8_000 * scale)}`,
      'NULL',
      `${5 * scale} + ${chance(5, 60 * scale)}`,
      chance(6, 2 * scale),
      chance(7, 2 * scale),
    ].join(', ');
  const cost = (scale: number) =>
    `${100_000_000 * scale} + ${chance(8, 90_000_000 * scale)}, ${90_000_000 * scale}, ${200_000_000 * scale}, 0`;
  const names =
    'input, cache_read, cache_write, output, unsplit_input, requests, errors, throttles';
  const costs = 'cost, cost_low, cost_high, unpriced';
  const sums = (peak: string) =>
    [
      ...names.split(', ').map((name) => `sum(u.${name})`),
      peak,
      ...costs.split(', ').map((name) => `sum(u.${name})`),
    ].join(', ');
  const series = (from: number, to: number, step: number) =>
    `DELETE FROM t; INSERT INTO t WITH RECURSIVE c(m) AS (SELECT ${at(from)} UNION ALL SELECT m + ${step} FROM c
       WHERE m + ${step} < ${at(to)}) SELECT m FROM c;`;
  const firstHour = Math.ceil(minutesFrom / hourMs) * hourMs;
  return `
    CREATE TEMP TABLE t (m INTEGER PRIMARY KEY);
    CREATE TEMP TABLE metered AS SELECT DISTINCT identity.id, series.measure ->> '$.kind' AS kind, series.id AS series_id
      FROM identity JOIN facet ON facet.id = identity.facet_id JOIN series ON series.traffic_id = facet.traffic_id
        AND series.tier = facet.tier AND series.model_name = facet.model_name
        AND series.model_version = facet.model_version;
    CREATE TEMP TABLE used (id INTEGER PRIMARY KEY);
    INSERT INTO used SELECT DISTINCT id FROM metered WHERE kind = 'tokens' ORDER BY id;
    CREATE TEMP TABLE timed (id INTEGER PRIMARY KEY);
    INSERT INTO timed SELECT DISTINCT id FROM metered WHERE kind = 'latency' ORDER BY id;
    DELETE FROM usage_minute; DELETE FROM usage_hour; DELETE FROM usage_day; DELETE FROM latency_hour;
    ${series(minutesFrom, worldEnd, 1)}
    INSERT INTO usage_minute (identity_id, minute, ${names}, ${costs})
      SELECT i.id, t.m, ${amounts(1)}, ${cost(1)} FROM used i CROSS JOIN t;
    DELETE FROM t WHERE m >= ${at(minutesFrom) + 480} AND m < ${at(worldEnd) - 1_440};
    INSERT OR REPLACE INTO reading (series_id, period_seconds, minute, avg)
      SELECT i.id, 60, t.m, 200 + ${chance(9, 900)}
      FROM (SELECT DISTINCT series_id AS id FROM metered WHERE kind = 'latency' ORDER BY 1) i CROSS JOIN t;
    ${series(hoursFrom, firstHour, 60)}
    INSERT INTO usage_hour (identity_id, minute, ${names}, peak_tokens, ${costs})
      SELECT i.id, t.m, ${amounts(60)}, 60000, ${cost(60)} FROM used i CROSS JOIN t;
    ${series(firstHour, worldEnd, 60)}
    INSERT INTO usage_hour (identity_id, minute, ${names}, peak_tokens, ${costs})
      SELECT i.id, t.m, ${sums('max(u.input + u.output)')} FROM used i CROSS JOIN t
        JOIN usage_minute u ON u.identity_id = i.id AND u.minute >= t.m AND u.minute < t.m + 60 GROUP BY i.id, t.m;
    ${series(hoursFrom, worldEnd, 1_440)}
    INSERT INTO usage_day (identity_id, minute, ${names}, peak_tokens, ${costs})
      SELECT i.id, t.m, ${sums('max(u.peak_tokens)')} FROM used i CROSS JOIN t
        JOIN usage_hour u ON u.identity_id = i.id AND u.minute >= t.m AND u.minute < t.m + 1440 GROUP BY i.id, t.m;
    ${series(hoursFrom, worldEnd, 60)}
    INSERT INTO latency_hour (identity_id, phase, minute, count, weight, weighted_ms, min_ms, max_ms)
      SELECT i.id, 'request', t.m, NULL, 60, 60 * (200 + ${chance(9, 900)}), NULL, NULL FROM timed i CROSS JOIN t;
    DELETE FROM coverage;
    INSERT INTO coverage SELECT id, 3600, ${at(hoursFrom)}, ${at(firstHour)}, 1, ${worldEnd} FROM unit;
    INSERT INTO coverage SELECT id, 60, ${at(minutesFrom)}, ${at(worldEnd) - 20}, 1, ${worldEnd} FROM unit;
    INSERT INTO coverage SELECT id, 60, ${at(worldEnd) - 20}, ${at(worldEnd)}, 0, ${worldEnd} FROM unit;
    DROP TABLE t;`;
}
