import type { FacetKey, Series, TrafficKey } from '../../agent/core/reading.ts';
import type { Measure } from '../../agent/core/meter.ts';
import type { LedgerSeries } from '../../agent/core/usage.ts';
import type { Db } from './database.ts';
import { openManyRows } from './many-rows.ts';

export interface KnownSeries extends LedgerSeries {
  readonly trafficId: number;
  readonly unitId: number;
}

export interface KnownTraffic {
  readonly id: number;
  readonly key: TrafficKey;
  readonly series: KnownSeries[];
}

export interface FoundSeries {
  readonly known: KnownSeries;
  /** `moved`: it was read under another unit before. */
  readonly origin: 'created' | 'moved' | 'known';
}

/** What the ledger calls each traffic and series, kept in memory beside the file. */
export interface Registry {
  /** Another one whenever a traffic or a series is new or means something else. */
  readonly version: number;
  traffic(id: number): KnownTraffic;
  traffics(): Iterable<KnownTraffic>;
  /** The series of the unit, whether the last read named them or not. */
  seriesOfUnit(unitId: number): readonly KnownSeries[];
  /** Finds the series or makes it; a changed meaning (a newer catalog) is taken over. */
  series(series: Series, unitId: number): FoundSeries;
  /** Writes what was made: it is not in the file before. */
  flush(): void;
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
  const byName = new Map<number, Map<string, KnownSeries>>();
  const byUnit = new Map<number, KnownSeries[]>();
  let latest: KnownTraffic | undefined;
  let version = 0;
  const insertTraffic = db.prepare(
    `INSERT INTO traffic (cloud, account, region, resource, endpoint, vendor_model, deployment)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertSeries = openManyRows(
    db,
    14,
    (rows) =>
      `INSERT INTO series (id, traffic_id, unit_id, namespace, metric, dimensions, tier, model_name, model_version,
         measure, contract, level, rank, settle_seconds) VALUES ${rows}`,
  );
  const updateSeries = db.prepare(
    `UPDATE series SET unit_id = @unitId, measure = @measure, contract = @contract, level = @level, rank = @rank,
       settle_seconds = @settleSeconds WHERE id = @id`,
  );
  let lastId = db.prepare('SELECT coalesce(max(id), 0) FROM series').pluck().get() as number;

  function addTraffic(id: number, key: TrafficKey): KnownTraffic {
    const traffic: KnownTraffic = { id, key, series: [] };
    version += 1;
    byName.set(id, new Map());
    traffics.set(id, traffic);
    trafficIds.set(trafficName(key), id);
    return traffic;
  }

  function addSeries(one: KnownSeries, name: string, before?: KnownSeries): void {
    version += 1;
    byName.get(one.trafficId)?.set(name, one);
    put(traffics.get(one.trafficId)?.series ?? [], one, before);
    const ofUnit = byUnit.get(one.unitId);
    if (ofUnit === undefined) byUnit.set(one.unitId, [one]);
    else put(ofUnit, one, before);
  }

  for (const row of db.prepare('SELECT * FROM traffic').all() as TrafficRecord[]) {
    addTraffic(row.id, trafficKey(row));
  }
  for (const row of db.prepare('SELECT * FROM series ORDER BY id').all() as SeriesRecord[]) {
    const traffic = traffics.get(row.traffic_id);
    if (traffic === undefined) continue;
    const one = seriesFrom(row, traffic.key);
    addSeries(one, seriesName(one));
  }

  /** The series of one traffic mostly come one after the other. */
  function trafficOf(key: TrafficKey): KnownTraffic {
    if (latest !== undefined && isSameTraffic(latest.key, key)) return latest;
    const id = trafficIds.get(trafficName(key));
    latest = (id === undefined ? undefined : traffics.get(id)) ?? makeTraffic(key);
    return latest;
  }

  /** Series share what they measure. */
  const measures = new WeakMap<Measure, string>();
  function measureText(measure: Measure): string {
    const text = measures.get(measure) ?? JSON.stringify(measure);
    measures.set(measure, text);
    return text;
  }

  function insert(series: KnownSeries): void {
    const { namespace, metric, dimensions } = series.key;
    const { tier, modelName, modelVersion } = series.facet;
    insertSeries.value(series.id);
    insertSeries.value(series.trafficId);
    insertSeries.value(series.unitId);
    insertSeries.value(namespace);
    insertSeries.value(metric);
    insertSeries.value(JSON.stringify(dimensions));
    insertSeries.value(tier);
    insertSeries.value(modelName);
    insertSeries.value(modelVersion);
    insertSeries.value(measureText(series.measure));
    insertSeries.value(series.contract);
    insertSeries.value(series.level);
    insertSeries.value(series.rank);
    insertSeries.value(series.settleSeconds);
  }

  function makeTraffic(key: TrafficKey): KnownTraffic {
    const { cloud, account, region, resource, endpoint, vendorModel, deployment } = key;
    const names = [cloud, account, region, resource, endpoint, vendorModel, deployment];
    return addTraffic(Number(insertTraffic.run(names).lastInsertRowid), key);
  }

  return {
    get version() {
      return version;
    },
    traffic: (id) => {
      const traffic = traffics.get(id);
      if (traffic === undefined) throw new Error(`traffic ${id} is not in the ledger`);
      return traffic;
    },
    traffics: () => traffics.values(),
    seriesOfUnit: (unitId) => byUnit.get(unitId) ?? [],
    series(series, unitId) {
      const traffic = trafficOf(series.traffic);
      const name = seriesName(series);
      const known = byName.get(traffic.id)?.get(name);
      if (known !== undefined && known.unitId === unitId && sameMeaning(known, series)) {
        return { known, origin: 'known' };
      }
      const id = known?.id ?? (lastId += 1);
      const made = knownSeries(series, traffic, id, unitId);
      if (known === undefined) insert(made);
      else updateSeries.run({ ...made, measure: JSON.stringify(series.measure) });
      addSeries(made, name, known);
      if (known === undefined) return { known: made, origin: 'created' };
      return { known: made, origin: known.unitId === unitId ? 'known' : 'moved' };
    },
    flush: () => insertSeries.flush(),
  };
}

/** Property by property: an engine gives objects made by a spread a shape of their own each, at thrice the memory. */
function knownSeries(
  series: Series,
  traffic: KnownTraffic,
  id: number,
  unitId: number,
): KnownSeries {
  return {
    id,
    trafficId: traffic.id,
    unitId,
    key: series.key,
    traffic: traffic.key,
    facet: series.facet,
    measure: series.measure,
    contract: series.contract,
    level: series.level,
    rank: series.rank,
    settleSeconds: series.settleSeconds,
  };
}

/** In the place of the one it was before, where the list has that. */
function put(list: KnownSeries[], one: KnownSeries, before: KnownSeries | undefined): void {
  const index = before === undefined ? -1 : list.findIndex((other) => other.id === before.id);
  if (index === -1) list.push(one);
  else list[index] = one;
}

function sameMeaning(a: Series, b: Series): boolean {
  return (
    a.rank === b.rank &&
    a.contract === b.contract &&
    a.level === b.level &&
    a.settleSeconds === b.settleSeconds &&
    (a.measure === b.measure || JSON.stringify(a.measure) === JSON.stringify(b.measure))
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

/** A sign that no cloud has in a name stands between the parts. */
const between = '\n';

function trafficName(key: TrafficKey): string {
  const { cloud, account, region, resource, endpoint, vendorModel, deployment } = key;
  return [cloud, account, region, resource, endpoint, vendorModel, deployment].join(between);
}

function isSameTraffic(a: TrafficKey, b: TrafficKey): boolean {
  return (
    a.vendorModel === b.vendorModel &&
    a.deployment === b.deployment &&
    a.resource === b.resource &&
    a.region === b.region &&
    a.account === b.account &&
    a.endpoint === b.endpoint &&
    a.cloud === b.cloud
  );
}

/** Within its traffic. */
function seriesName({ key: { namespace, metric, dimensions } }: Series): string {
  let name = namespace + between + metric;
  for (const dimension in dimensions) name += between + dimension + between + dimensions[dimension];
  return name;
}
