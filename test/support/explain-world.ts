import type { CollectRequest, MeterUnit, Sample, Target } from '../../agent/core/collector.ts';
import type { InventoryItem } from '../../agent/core/inventory.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import type { Price } from '../../agent/core/price.ts';
import { endOfTime, startOfTime } from '../../agent/core/price.ts';
import type { Ledger } from '../../agent/core/store.ts';
import { hourMs, minuteMs } from '../../agent/core/time.ts';
import { canonicalOf } from '../../agent/normalize/canonical-of.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { defaultPrices } from '../../agent/pricing/genai/default-prices.ts';
import { createRater } from '../../agent/pricing/rater.ts';
import { awsCatalog } from '../../collectors/aws/catalog.ts';
import { catalog as azureCatalog } from '../../collectors/azure/catalog.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';

/** One hour of traffic of every kind, rated with the packaged prices, a file's and a discount. */

export const hour0 = Date.UTC(2026, 10, 10, 9);
export const readAt = hour0 + 3 * hourMs;

/** What one series said: by minute of the hour, its sum and its largest request. */
export interface Said {
  readonly rowId: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly sums: Readonly<Record<number, number>>;
  readonly max?: Readonly<Record<number, number>>;
  /** Where the cloud spells the metric otherwise than first in the catalog. */
  readonly metric?: string;
}

export interface Place {
  readonly target: Omit<Target, 'units'>;
  readonly said: readonly Said[];
  readonly inventory?: readonly InventoryItem[];
}

const retention = [
  { periodSeconds: 60, ageSeconds: 15 * 86_400 },
  { periodSeconds: 3_600, ageSeconds: 455 * 86_400 },
];

export function bedrock(region: string, namespace: string, account = '111122223333') {
  return {
    id: `aws/${account}/${region}/${namespace}`,
    source: 'aws',
    cloud: 'aws' as const,
    account,
    region,
    resource: '',
    labels: {},
    rows: awsCatalog.filter((row) => row.namespace === namespace),
    rememberUnits: true,
    retention,
  };
}

const subscription = '00000000-0000-0000-0000-000000000001';

export function azureAccount(resource: string, region: string) {
  const id = `/subscriptions/${subscription}/resourceGroups/ai/providers/Microsoft.CognitiveServices/accounts/${resource}`;
  return {
    id: `azure/${subscription}/${resource}`,
    source: 'azure',
    cloud: 'azure' as const,
    account: subscription,
    region,
    resource,
    labels: { resource_id: id, resource_group: 'ai' },
    rows: azureCatalog,
    rememberUnits: false,
    retention,
  };
}

export function deploymentOf(
  name: string,
  model: string,
  version: string,
  sku: string,
): InventoryItem {
  const attributes = { format: 'OpenAI', model, version, sku, capacity: '10' };
  return { kind: 'deployment', name, attributes, tags: {} };
}

function rowOf(target: Omit<Target, 'units'>, rowId: string): CatalogRow {
  const row = target.rows.find(({ id }) => id === rowId);
  if (row === undefined) throw new Error(`${target.id} has no row ${rowId}`);
  return row;
}

function unitOf(target: Omit<Target, 'units'>, said: Said): MeterUnit {
  const row = rowOf(target, said.rowId);
  const metric = said.metric ?? row.metricNames[0] ?? '';
  const names = Object.keys(said.dimensions);
  const isWhole = target.cloud === 'azure';
  return {
    key: isWhole ? metric : `${metric}|${Object.values(said.dimensions).join('|')}`,
    rowId: said.rowId,
    metric,
    dimensions: isWhole ? Object.fromEntries(names.map((name) => [name, '*'])) : said.dimensions,
  };
}

function samplesOf(target: Omit<Target, 'units'>, said: Said, periodMs: number): readonly Sample[] {
  const { rowId, metric, key } = { ...unitOf(target, said) };
  const { statistics } = rowOf(target, said.rowId);
  const sample = (statistic: string, values: Readonly<Record<number, number>>): Sample => {
    const byStart = new Map<number, number>();
    for (const [minute, value] of Object.entries(values)) {
      const start = Math.floor((hour0 + Number(minute) * minuteMs) / periodMs) * periodMs;
      const known = byStart.get(start) ?? 0;
      byStart.set(start, statistic === 'Maximum' ? Math.max(known, value) : known + value);
    }
    const sorted = [...byStart].toSorted(([a], [b]) => a - b);
    return {
      unitKey: key,
      rowId,
      metric,
      dimensions: said.dimensions,
      statistic,
      starts: sorted.map(([start]) => start),
      values: sorted.map(([, value]) => value),
    };
  };
  return [
    sample(statistics.includes('Total') ? 'Total' : 'Sum', said.sums),
    ...(said.max === undefined ? [] : [sample('Maximum', said.max)]),
  ];
}

function requestOf(
  { target, said }: Place,
  window = { start: hour0, end: hour0 + hourMs },
  periodSeconds = 60,
): CollectRequest & { readonly samples: readonly Sample[] } {
  const units = [
    ...new Map(said.map((one) => [unitOf(target, one).key, unitOf(target, one)])).values(),
  ];
  const samples = said
    .flatMap((one) => samplesOf(target, one, periodSeconds * 1_000))
    .map((sample) => keepWithin(sample, window));
  return { target: { ...target, units }, units, window, periodSeconds, samples };
}

function keepWithin(sample: Sample, window: { readonly start: number; readonly end: number }) {
  const kept = sample.starts.flatMap((start, index) =>
    start >= window.start && start < window.end
      ? [[start, sample.values[index] ?? 0] as const]
      : [],
  );
  return {
    ...sample,
    starts: kept.map(([start]) => start),
    values: kept.map(([, value]) => value),
  };
}

const switches = {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
} as const;

/** A price of the user's own file, for everything. */
export function filePrice(more: Partial<Price> & Pick<Price, 'model' | 'item' | 'nanoUsd'>): Price {
  return {
    cloud: '',
    modelVersion: '',
    account: '',
    region: '',
    routing: '',
    tier: '',
    band: 'any',
    thresholdTokens: null,
    cacheTtl: '',
    from: startOfTime,
    to: endOfTime,
    source: 'file',
    sourceVersion: 'sha256:1234',
    reference: 'prices.yaml:4',
    fetchedAt: 0,
    ...more,
  };
}

/** Every place read whole; rated with what is packaged and `more`. */
export async function explainLedger(
  places: readonly Place[],
  more: readonly Price[] = [],
  path = ':memory:',
): Promise<Ledger> {
  const ledger = openLedger(path, createInterpretation(new Map(), switches), hour0);
  const prices = await defaultPrices(canonicalOf);
  const discount = {
    cloud: 'aws',
    model: 'anthropic/*',
    modelVersion: '',
    account: '444455556666',
    region: '',
    routing: '',
    tier: '',
    offPpm: 150_000,
    from: startOfTime,
    to: endOfTime,
    reference: 'prices.yaml:20',
  } as const;
  ledger.rateWith(createRater([...prices, ...more], [discount]), hour0);
  for (const place of places) readPlace(ledger, place);
  return ledger;
}

function readPlace(
  ledger: Ledger,
  place: Place,
  window = { start: hour0, end: hour0 + hourMs },
  periodSeconds = 60,
  at = readAt,
): void {
  const { samples, ...request } = requestOf(place, window, periodSeconds);
  const { cloud, account, region, resource, source, id } = request.target;
  const inventory = place.inventory ?? [];
  const kind = cloud === 'azure' ? ('deployment' as const) : ('inference_profile' as const);
  ledger.recordDiscovery(
    source,
    {
      scopes: [id],
      targets: [request.target],
      inventory: [{ cloud, account, region, resource, kind, items: inventory }],
      failures: [],
    },
    hour0,
  );
  ledger.commit({ ...request, ...normalize(request, samples), readAt: at });
}
