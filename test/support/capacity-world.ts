import type { Discovery, MeterUnit, Target } from '../../agent/core/collector.ts';
import type { InventoryItem } from '../../agent/core/inventory.ts';
import type { CatalogRow, Measure } from '../../agent/core/meter.ts';
import type { Price } from '../../agent/core/price.ts';
import type { Readings } from '../../agent/core/reading.ts';
import type { UsageBatch } from '../../agent/core/store.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Instant, Window } from '../../agent/core/time.ts';
import { smallPrice } from './small-prices.ts';

/** One Azure account with deployments that a test names, metered by hand. */
const place = {
  cloud: 'azure',
  account: 'sub-1',
  region: 'eastus',
  resource: 'aoai-east',
} as const;

const measures: Readonly<Record<string, Measure>> = {
  input: { kind: 'tokens', meter: 'input' },
  output: { kind: 'tokens', meter: 'output' },
  used: { kind: 'utilization' },
};

const catalog: readonly CatalogRow[] = Object.entries(measures).map(([id, measure]) => ({
  id,
  namespace: 'Microsoft.CognitiveServices/accounts',
  metricNames: [id],
  statistics: measure.kind === 'utilization' ? ['Average'] : ['Total'],
  dimensions: ['ModelDeploymentName'],
  measure,
  contract: 'plain',
  level: 'total',
  vocabulary: 0,
  periodSeconds: 60,
  settleSeconds: 900,
  source: 'https://example.com',
}));

const units: readonly MeterUnit[] = Object.keys(measures).map((id) => ({
  key: id,
  rowId: id,
  metric: id,
  dimensions: { ModelDeploymentName: '*' },
}));

const target: Target = {
  ...place,
  id: 'azure/sub-1/aoai-east',
  source: 'azure',
  labels: {},
  rows: catalog,
  units,
  rememberUnits: false,
  retention: [{ periodSeconds: 60, ageSeconds: 93 * 86_400 }],
};

export function deployed(
  name: string,
  capacity: number,
  change: Readonly<Record<string, string>> = {},
): InventoryItem {
  return {
    kind: 'deployment',
    name,
    attributes: {
      format: 'OpenAI',
      model: 'gpt-4o',
      version: '2024-08-06',
      sku: 'GlobalProvisionedManaged',
      capacity: String(capacity),
      ...change,
    },
    tags: { team: name },
  };
}

/** What a listing of the account says; nothing at all: it is not configured any more. */
export function listing(items?: readonly InventoryItem[]): Discovery {
  if (items === undefined) {
    return { scopes: ['azure'], targets: [], inventory: [], failures: [] };
  }
  return {
    scopes: ['azure'],
    targets: [target],
    inventory: [{ ...place, kind: 'deployment', items }],
    failures: [],
  };
}

/** Tokens and percent in use of a deployment's minutes, counted from the window's start; 0 tokens are not said. */
export interface Metered {
  readonly deployment: string;
  readonly version?: string;
  readonly tokens: (minute: number) => number;
  readonly percent?: (minute: number) => number | undefined;
}

export function batch(window: Window, said: readonly Metered[], readAt: Instant): UsageBatch {
  const minutes = Array.from(
    { length: (window.end - window.start) / minuteMs },
    (_, minute) => minute,
  );
  return {
    target,
    units,
    window,
    periodSeconds: 60,
    readAt,
    rejections: [],
    readings: said.flatMap((one) => [
      ...seriesOf('input', one, window, minutes, (minute) => one.tokens(minute) || undefined),
      ...seriesOf('used', one, window, minutes, (minute) => one.percent?.(minute)),
    ]),
  };
}

function seriesOf(
  unit: 'input' | 'used',
  { deployment, version = '2024-08-06' }: Metered,
  window: Window,
  minutes: readonly number[],
  valueOf: (minute: number) => number | undefined,
): readonly Readings[] {
  const points = minutes.flatMap((minute) => {
    const value = valueOf(minute);
    return value === undefined ? [] : [{ start: window.start + minute * minuteMs, value }];
  });
  if (points.length === 0) return [];
  const isUsed = unit === 'used';
  const key = { ...place, namespace: 'Microsoft.CognitiveServices/accounts', metric: unit };
  const modelVersion = isUsed ? '' : version;
  return [
    {
      unitKey: unit,
      periodSeconds: 60,
      starts: points.map(({ start }) => start),
      columns: { [isUsed ? 'avg' : 'sum']: points.map(({ value }) => value) },
      series: {
        key: {
          ...key,
          dimensions: { ModelDeploymentName: deployment, ModelVersion: modelVersion },
        },
        traffic: { ...place, endpoint: 'azure', vendorModel: '', deployment },
        facet: { tier: '', modelName: '', modelVersion },
        measure: measures[unit] ?? { kind: 'utilization' },
        contract: 'plain',
        level: 'total',
        rank: 0,
        settleSeconds: 900,
      },
    },
  ];
}

/** What one unit costs an hour, in dollars. */
export function unitHour(dollars: number, change: Partial<Price> = {}): Price {
  return smallPrice({
    model: '',
    item: 'unit_hour',
    tier: 'provisioned',
    routing: 'global',
    nanoUsd: BigInt(Math.round(dollars * 1e9)),
    ...change,
  });
}
