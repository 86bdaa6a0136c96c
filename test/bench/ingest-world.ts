import type { CollectRequest, MeterUnit, Sample, Target } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import { cutByUnits } from '../../agent/schedule/pieces.ts';
import { awsCatalog } from '../../collectors/aws/catalog.ts';
import { catalog as azureCatalog } from '../../collectors/azure/catalog.ts';

/**
 * The built-in clouds' kinds of traffic in their proportions, many times over, and none of them ever silent: a model on
 * Bedrock's runtime with and without cache meters and with service tiers, one on Mantle, a deployment on Azure.
 */
export const day0 = Date.UTC(2026, 10, 10);

/** One poll of a piece, as the scheduler asks for it and a collector answers. */
export interface Poll {
  readonly request: CollectRequest;
  readonly samples: readonly Sample[];
}

const accounts = 6;
const retention = [
  { periodSeconds: 60, ageSeconds: 15 * 86_400 },
  { periodSeconds: 3_600, ageSeconds: 455 * 86_400 },
];

/** Of each account: models on the runtime, by whether they have cache meters and tiers; on Mantle; deployments on Azure. */
const kinds = { cached: 68, plain: 10, tiered: 4, mantle: 30, azure: 14 } as const;
/** Azure accounts beside each AWS account. */
const resources = 5;

/** A series as its cloud has it, under the unit that asks for it. */
interface TrueSeries {
  readonly unit: MeterUnit;
  readonly row: CatalogRow;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface Source {
  readonly target: Target;
  readonly series: ReadonlyMap<string, readonly TrueSeries[]>;
}

function targetOf(
  cloud: Target['cloud'],
  account: string,
  resource: string,
  rows: readonly CatalogRow[],
  all: readonly TrueSeries[],
): Source {
  const series = new Map<string, TrueSeries[]>();
  for (const one of all) {
    const known = series.get(one.unit.key);
    if (known === undefined) series.set(one.unit.key, [one]);
    else known.push(one);
  }
  const region = cloud === 'aws' ? 'us-east-1' : 'eastus';
  const units = [...new Map(all.map(({ unit }) => [unit.key, unit])).values()];
  const id = [cloud, account, region, resource || rows[0]?.namespace].join('/');
  const target: Target = {
    id,
    source: cloud,
    cloud,
    account,
    region,
    resource,
    labels: {},
    rows,
    units,
    rememberUnits: cloud === 'aws',
    retention,
  };
  return { target, series };
}

function awsSeries(row: CatalogRow, dimensions: Readonly<Record<string, string>>): TrueSeries {
  const metric = row.metricNames[0] ?? '';
  const key = [row.id, metric, ...Object.values(dimensions)].join('|');
  return { row, dimensions, unit: { key, rowId: row.id, metric, dimensions } };
}

function awsSources(index: number): readonly Source[] {
  const account = String(111_122_220_000 + index);
  const rowsOf = (namespace: string) => awsCatalog.filter((row) => row.namespace === namespace);
  const runtime = rowsOf('AWS/Bedrock');
  const isCache = (row: CatalogRow) => row.id.includes('cache_');
  const models = Array.from({ length: kinds.cached + kinds.plain + kinds.tiered }, (_, model) => {
    const cached = model < kinds.cached;
    const tiers = model < kinds.cached + kinds.plain ? [] : ['default', 'flex'];
    const ModelId = cached ? `us.openai.gpt-5.${model}-sol` : `moonshotai.kimi-k2.${model}`;
    return runtime.flatMap((row) => {
      if (isCache(row) && !cached) return [];
      if (row.level === 'total') return [awsSeries(row, { ModelId })];
      return tiers.map((tier) =>
        awsSeries(row, { ModelId, ResolvedServiceTier: tier, ServiceTier: tier }),
      );
    });
  }).flat();
  const mantle = rowsOf('AWS/BedrockMantle');
  const projects = Array.from({ length: kinds.mantle }, (_, project) =>
    mantle.map((row) => awsSeries(row, { Model: 'openai.gpt-5.5', Project: `p${project}` })),
  ).flat();
  return [
    targetOf('aws', account, '', runtime, models),
    targetOf('aws', account, '', mantle, projects),
  ];
}

/** Both vocabularies of tokens, as the built-in accounts show them; requests by three statuses. */
const azureMetrics = [
  'ProcessedPromptTokens',
  'GeneratedTokens',
  'InputTokens',
  'OutputTokens',
  'ModelRequests',
  'TimeToLastByte',
  'NormalizedTimeToFirstToken',
];

function azureSource(index: number, resource: number): Source {
  const all = azureCatalog
    .filter((row) => azureMetrics.includes(row.metricNames[0] ?? ''))
    .flatMap((row): readonly TrueSeries[] => {
      const metric = row.metricNames[0] ?? '';
      const names = row.dimensions.filter((name) => !name.endsWith('?'));
      const unit: MeterUnit = {
        key: row.id,
        rowId: row.id,
        metric,
        dimensions: Object.fromEntries(names.map((name) => [name, '*'])),
      };
      const statuses = names.includes('StatusCode') ? ['200', '400', '429'] : ['200'];
      return Array.from({ length: kinds.azure }, (_, deployment) =>
        statuses.map((StatusCode): TrueSeries => {
          const said: Readonly<Record<string, string>> = {
            ModelDeploymentName: `chat-${deployment}`,
            ModelName: 'gpt-5.6-sol',
            ModelVersion: '2026-07-13',
            StatusCode,
          };
          const dimensions = Object.fromEntries(names.map((name) => [name, said[name] ?? '']));
          return { unit, row, dimensions };
        }),
      ).flat();
    });
  const subscription = `00000000-0000-0000-0000-${index}`;
  return targetOf('azure', subscription, `foundry-${resource}`, azureCatalog, all);
}

/** Every source of the world, in the order it is polled. */
export const sources: readonly Source[] = Array.from({ length: accounts }, (_, index) => [
  ...awsSources(index),
  ...Array.from({ length: resources }, (_unused, resource) => azureSource(index, resource)),
]).flat();

export const seriesCount = sources.reduce(
  (sum, { series }) => sum + [...series.values()].reduce((n, list) => n + list.length, 0),
  0,
);

/** One statistic of one series: whole numbers, in every minute another one, in every minute one. */
function sampleOf(
  { unit, row, dimensions }: TrueSeries,
  statistic: string,
  window: Window,
  salt: number,
): Sample {
  const starts: number[] = [];
  const values: number[] = [];
  const isInput = row.measure.kind === 'tokens' && row.measure.meter === 'input';
  for (let start = window.start; start < window.end; start += minuteMs) {
    const mixed = Math.imul(salt * 7_919 + start / minuteMs, 2_654_435_761) >>> 8;
    starts.push(start);
    // Input holds what was read and written of the cache.
    values.push(1 + (mixed % 90_000) + (isInput ? 200_000 : 0));
  }
  const { key: unitKey, rowId, metric } = unit;
  return { unitKey, rowId, metric, dimensions, statistic, starts, values };
}

/** The polls of one round over the window, one at a time: what the scheduler has in memory at once. */
export function* polls(window: Window, most = Number.POSITIVE_INFINITY): Generator<Poll> {
  let salt = 0;
  let count = 0;
  for (const { target, series } of sources) {
    const due = { window, periodSeconds: 60, units: target.units };
    for (const piece of cutByUnits(target, due)) {
      if ((count += 1) > most) return;
      const samples = piece.units.flatMap((unit) =>
        (series.get(unit.key) ?? []).flatMap((one) =>
          one.row.statistics.map((statistic) => sampleOf(one, statistic, window, (salt += 1))),
        ),
      );
      yield { request: { target, ...piece }, samples };
    }
  }
}
