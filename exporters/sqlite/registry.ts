import type { FacetKey, Series, TrafficKey } from '../../agent/core/reading.ts';
import type { Measure } from '../../agent/core/meter.ts';
import type { LedgerSeries } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';

export interface KnownSeries extends LedgerSeries {
  readonly trafficId: number;
  readonly unitId: number;
}

export interface KnownTraffic {
  readonly id: number;
  readonly key: TrafficKey;
  readonly series: KnownSeries[];
}

/** What the ledger calls each traffic and series, kept in memory beside the file. */
export interface Registry {
  traffic(id: number): KnownTraffic;
  traffics(): Iterable<KnownTraffic>;
  /** The series of the unit, whether the last read named them or not. */
  seriesOfUnit(unitId: number): readonly KnownSeries[];
  /** Finds the series or makes it; a changed meaning (a newer catalog) is taken over. */
  series(
    series: Series,
    unitId: number,
  ): { readonly known: KnownSeries; readonly created: boolean };
}

interface SeriesRecord {
  id: number;
  traffic_id: number;
  unit_id: number;
  namespace: string;
  metric: string;
  dimensions: string;
  tier: FacetKey['tier'];
  model_name: string;
  model_version: string;
  measure: string;
  contract: Series['contract'];
  level: Series['level'];
  rank: number;
  settle_seconds: number;
}

export function loadRegistry(db: Db): Registry {
  const traffics = new Map<number, KnownTraffic>();
  const trafficIds = new Map<string, number>();
  const bySeriesKey = new Map<string, KnownSeries>();
  const byUnit = new Map<number, KnownSeries[]>();
  const insertTraffic = db.prepare(
    `INSERT INTO traffic (cloud, account, region, resource, endpoint, vendor_model, deployment)
     VALUES (@cloud, @account, @region, @resource, @endpoint, @vendorModel, @deployment)`,
  );
  const upsertSeries = db.prepare(
    `INSERT INTO series (traffic_id, unit_id, namespace, metric, dimensions, tier, model_name, model_version,
       measure, contract, level, rank, settle_seconds)
     VALUES (@trafficId, @unitId, @namespace, @metric, @dimensions, @tier, @modelName, @modelVersion, @measure,
       @contract, @level, @rank, @settleSeconds)
     ON CONFLICT (traffic_id, namespace, metric, dimensions) DO UPDATE SET unit_id = excluded.unit_id,
       measure = excluded.measure, contract = excluded.contract, level = excluded.level, rank = excluded.rank,
       settle_seconds = excluded.settle_seconds
     RETURNING id`,
  );

  function addTraffic(id: number, key: TrafficKey): KnownTraffic {
    const traffic: KnownTraffic = { id, key, series: [] };
    traffics.set(id, traffic);
    trafficIds.set(trafficName(key), id);
    return traffic;
  }

  function addSeries(known: KnownSeries): void {
    bySeriesKey.set(seriesName(known), known);
    replaceOrPush(traffics.get(known.trafficId)?.series ?? [], known);
    const ofUnit = byUnit.get(known.unitId);
    if (ofUnit === undefined) byUnit.set(known.unitId, [known]);
    else replaceOrPush(ofUnit, known);
  }

  for (const row of db.prepare('SELECT * FROM traffic').all() as TrafficRecord[]) {
    addTraffic(row.id, trafficKey(row));
  }
  for (const row of db.prepare('SELECT * FROM series ORDER BY id').all() as SeriesRecord[]) {
    const traffic = traffics.get(row.traffic_id);
    if (traffic !== undefined) addSeries(seriesFrom(row, traffic.key));
  }

  function trafficOf(key: TrafficKey): KnownTraffic {
    const known = trafficIds.get(trafficName(key));
    if (known !== undefined) return traffics.get(known) as KnownTraffic;
    return addTraffic(Number(insertTraffic.run(key).lastInsertRowid), key);
  }

  return {
    traffic: (id) => {
      const traffic = traffics.get(id);
      if (traffic === undefined) throw new Error(`traffic ${id} is not in the ledger`);
      return traffic;
    },
    traffics: () => traffics.values(),
    seriesOfUnit: (unitId) => byUnit.get(unitId) ?? [],
    series(series, unitId) {
      const known = bySeriesKey.get(seriesName(series));
      if (known !== undefined && known.unitId === unitId && sameMeaning(known, series)) {
        return { known, created: false };
      }
      const traffic = trafficOf(series.traffic);
      const row = upsertSeries.get({
        trafficId: traffic.id,
        unitId,
        namespace: series.key.namespace,
        metric: series.key.metric,
        dimensions: JSON.stringify(series.key.dimensions),
        tier: series.facet.tier,
        modelName: series.facet.modelName,
        modelVersion: series.facet.modelVersion,
        measure: JSON.stringify(series.measure),
        contract: series.contract,
        level: series.level,
        rank: series.rank,
        settleSeconds: series.settleSeconds,
      }) as { id: number };
      const made: KnownSeries = { ...series, id: row.id, trafficId: traffic.id, unitId };
      addSeries(made);
      return { known: made, created: known === undefined };
    },
  };
}

function replaceOrPush(list: KnownSeries[], one: KnownSeries): void {
  const index = list.findIndex((other) => other.id === one.id);
  if (index === -1) list.push(one);
  else list[index] = one;
}

function sameMeaning(a: Series, b: Series): boolean {
  return (
    a.rank === b.rank &&
    a.contract === b.contract &&
    a.level === b.level &&
    a.settleSeconds === b.settleSeconds &&
    JSON.stringify(a.measure) === JSON.stringify(b.measure)
  );
}

export interface TrafficRecord {
  id: number;
  cloud: TrafficKey['cloud'];
  account: string;
  region: string;
  resource: string;
  endpoint: TrafficKey['endpoint'];
  vendor_model: string;
  deployment: string;
}

function trafficKey(row: TrafficRecord): TrafficKey {
  const { cloud, account, region, resource, endpoint, deployment } = row;
  return { cloud, account, region, resource, endpoint, vendorModel: row.vendor_model, deployment };
}

function seriesFrom(row: SeriesRecord, traffic: TrafficKey): KnownSeries {
  const { cloud, account, region, resource } = traffic;
  return {
    id: row.id,
    trafficId: row.traffic_id,
    unitId: row.unit_id,
    key: {
      cloud,
      account,
      region,
      resource,
      namespace: row.namespace,
      metric: row.metric,
      dimensions: JSON.parse(row.dimensions) as Record<string, string>,
    },
    traffic,
    facet: { tier: row.tier, modelName: row.model_name, modelVersion: row.model_version },
    measure: JSON.parse(row.measure) as Measure,
    contract: row.contract,
    level: row.level,
    rank: row.rank,
    settleSeconds: row.settle_seconds,
  };
}

function trafficName(key: TrafficKey): string {
  return JSON.stringify([
    key.cloud,
    key.account,
    key.region,
    key.resource,
    key.endpoint,
    key.vendorModel,
    key.deployment,
  ]);
}

function seriesName(series: Series): string {
  const { namespace, metric, dimensions } = series.key;
  return `${trafficName(series.traffic)}${namespace}|${metric}|${JSON.stringify(dimensions)}`;
}
