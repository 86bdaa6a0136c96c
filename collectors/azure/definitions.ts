import type { MeterUnit } from '../../agent/core/collector.ts';
import type { ExternalError } from '../../agent/core/errors.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import { dayMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { MetricDefinition } from './metrics-api.ts';

/** Azure permits 400 listings of definitions in five minutes; they change within weeks. */
const definitionsAgeMs = dayMs;

interface Looked {
  readonly definitions: readonly MetricDefinition[];
  /** Why they are older than a day, where they are. */
  readonly staleBecause?: ExternalError;
}

export interface DefinitionCache {
  /** Those of a resource, at most a day old; older ones when a new look fails. Throws when there are none at all. */
  get(resourceId: string, look: () => Promise<readonly MetricDefinition[]>): Promise<Looked>;
  /** The next look is a new one: Azure contradicted what is kept. */
  drop(resourceId: string): void;
}

export function createDefinitionCache(
  now: () => Instant,
  toError: (thrown: unknown) => ExternalError,
): DefinitionCache {
  const kept = new Map<
    string,
    { readonly definitions: readonly MetricDefinition[]; readonly at: Instant }
  >();
  return {
    async get(resourceId, look) {
      const key = resourceId.toLowerCase();
      const found = kept.get(key);
      if (found !== undefined && now() - found.at < definitionsAgeMs) return found;
      try {
        const definitions = await look();
        kept.set(key, { definitions, at: now() });
        return { definitions };
      } catch (thrown) {
        if (found === undefined) throw thrown;
        return { definitions: found.definitions, staleBecause: toError(thrown) };
      }
    },
    drop(resourceId) {
      const key = resourceId.toLowerCase();
      const found = kept.get(key);
      if (found !== undefined) kept.set(key, { ...found, at: Number.NEGATIVE_INFINITY });
    },
  };
}

/**
 * One unit a metric that the resource defines, with the dimensions of its row that the definition offers; of two that
 * say the same, the wider family's alone. A row that names a dimension without `?` needs it: where Azure does not offer
 * it the metric is in `lacking`, not in `units`.
 */
export function unitsOf(
  rows: readonly CatalogRow[],
  definitions: readonly MetricDefinition[],
): { readonly units: readonly MeterUnit[]; readonly lacking: readonly string[] } {
  const offered = new Map(
    definitions.map(({ name, dimensions }) => [
      name.toLowerCase(),
      new Set(dimensions.map((dimension) => dimension.toLowerCase())),
    ]),
  );
  const units: MeterUnit[] = [];
  const lacking: string[] = [];
  for (const row of rows) {
    for (const metric of row.metricNames) {
      const dimensions = offered.get(metric.toLowerCase());
      if (dimensions === undefined) continue;
      const names: string[] = [];
      const missing: string[] = [];
      for (const wanted of row.dimensions) {
        const name = wanted.replace(/\?$/, '');
        if (dimensions.has(name.toLowerCase())) names.push(name);
        else if (name === wanted) missing.push(name);
      }
      if (missing.length > 0) {
        lacking.push(`${metric} without ${missing.join(', ')}`);
        continue;
      }
      units.push({
        key: `${metric}[${names.join()}]`,
        rowId: row.id,
        metric,
        dimensions: Object.fromEntries(names.map((name) => [name, '*'])),
      });
    }
  }
  return { units: withoutDoubles(rows, units), lacking };
}

/**
 * The two families say the same of an OpenAI deployment. A metric of the narrower family is worth reading only where it
 * tells something that the wider one, which covers every deployment, does not: the service tier.
 */
function withoutDoubles(
  rows: readonly CatalogRow[],
  units: readonly MeterUnit[],
): readonly MeterUnit[] {
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const measureOf = (unit: MeterUnit) => JSON.stringify(rowOf.get(unit.rowId)?.measure);
  const vocabularyOf = (unit: MeterUnit) => rowOf.get(unit.rowId)?.vocabulary ?? 0;
  return units.filter(
    (unit) =>
      !units.some(
        (wider) =>
          vocabularyOf(wider) > vocabularyOf(unit) &&
          measureOf(wider) === measureOf(unit) &&
          told(unit).every((name) => told(wider).includes(name)),
      ),
  );
}

/** What a unit tells apart; one family calls the model `FeatureName`. */
function told({ dimensions }: MeterUnit): readonly string[] {
  return Object.keys(dimensions).map((name) => (name === 'FeatureName' ? 'ModelName' : name));
}
