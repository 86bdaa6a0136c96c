import type { ListMetricsCommandOutput, Metric } from '@aws-sdk/client-cloudwatch';
import type { Labels, MeterUnit } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import { awsCatalog, otherLevels } from './catalog.ts';
import { badAnswer } from './pages.ts';

const operation = 'cloudwatch:ListMetrics';

/** What one account has in one namespace. */
export interface Owned {
  readonly units: readonly MeterUnit[];
  /** Dimension sets that no row and no known level has, as `ContextWindow+ModelId`, sorted. */
  readonly unknownSets: readonly string[];
}

/** The pages of a listing, put together. */
export interface Listing {
  /** Throws ExternalError for a page that is not wholly a listing. */
  add(page: Pick<ListMetricsCommandOutput, 'Metrics' | 'OwningAccounts'>): void;
  /** By owning account, units in order of their keys. */
  owned(): ReadonlyMap<string, Owned>;
}

/**
 * Sorts listed series to catalog rows by their exact dimension set, whatever its order: a series with one dimension
 * more is another series. With `linked`, each series must name its owner; else all are of `account`.
 */
export function startListing(namespace: string, account: string, linked: boolean): Listing {
  const rows = rowsOf(namespace);
  const known = new Set(
    [...rows.map((row) => row.dimensions), ...(otherLevels[namespace] ?? [])].map(setKey),
  );
  const byMeter = new Map(
    rows.flatMap((row) => row.metricNames.map((metric) => [meterKey(metric, row.dimensions), row])),
  );
  const owners = new Map<string, { units: Map<string, MeterUnit>; unknownSets: Set<string> }>();
  return {
    add({ Metrics, OwningAccounts }) {
      if (Metrics === undefined) throw badAnswer(operation, 'the answer is empty');
      if (linked && Metrics.length !== (OwningAccounts ?? []).length) throw noOwners();
      for (const [index, metric] of Metrics.entries()) {
        if (metric.Namespace !== namespace) continue;
        const owner = linked ? (OwningAccounts?.[index] ?? '') : account;
        const found = owners.get(owner) ?? { units: new Map(), unknownSets: new Set() };
        owners.set(owner, found);
        const { name, dimensions } = seriesOf(metric);
        const set = Object.keys(dimensions);
        const row = byMeter.get(meterKey(name, set));
        if (row !== undefined) {
          const key = unitKey(name, dimensions);
          found.units.set(key, { key, rowId: row.id, metric: name, dimensions });
        } else if (!known.has(setKey(set))) {
          found.unknownSets.add(setKey(set));
        }
      }
    },
    owned: () =>
      new Map(
        Array.from(owners, ([owner, { units, unknownSets }]) => [
          owner,
          {
            units: [...units.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
            unknownSets: [...unknownSets].toSorted(),
          },
        ]),
      ),
  };
}

export function rowsOf(namespace: string): readonly CatalogRow[] {
  return awsCatalog.filter((row) => row.namespace === namespace);
}

/** `InputTokenCount{ModelId="us.openai.gpt-6-sol"}`: readable, and two series never share one. */
export function unitKey(metric: string, dimensions: Labels): string {
  const pairs = Object.keys(dimensions)
    .toSorted()
    .map((name) => `${name}=${JSON.stringify(dimensions[name])}`);
  return `${metric}{${pairs.join(',')}}`;
}

function seriesOf({ MetricName, Dimensions }: Metric): {
  readonly name: string;
  readonly dimensions: Labels;
} {
  if (!MetricName) throw badAnswer(operation, 'a metric without a name');
  const pairs = (Dimensions ?? []).map(({ Name, Value }): [string, string] => {
    if (!Name || Value === undefined)
      throw badAnswer(operation, `a half dimension of ${MetricName}`);
    return [Name, Value];
  });
  return {
    name: MetricName,
    dimensions: Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function setKey(dimensions: readonly string[]): string {
  return dimensions.toSorted().join('+');
}

function meterKey(metric: string, dimensions: readonly string[]): string {
  return `${metric} ${setKey(dimensions)}`;
}

function noOwners(): Error {
  return badAnswer(
    operation,
    'the listing does not say which account owns each metric; is this a monitoring account? If not, set linked_accounts: false',
  );
}
