import { Driver } from '../../exporters/sqlite/driver.ts';

/**
 * What a ledger file holds in words of its own vendor's names, so that two files can be compared whatever ids their rows
 * got. One line a row, sorted.
 */
export interface LedgerDump {
  readonly readings: readonly string[];
  readonly coverage: readonly string[];
  readonly usage: readonly string[];
}

const columns = {
  readings: `SELECT traffic.cloud, traffic.account, traffic.region, traffic.resource, traffic.vendor_model,
      traffic.deployment, series.metric, series.dimensions, reading.period_seconds, reading.minute, reading.sum,
      reading.count, reading.min, reading.max, reading.avg, reading.p90
    FROM reading JOIN series ON series.id = reading.series_id JOIN traffic ON traffic.id = series.traffic_id`,
  coverage: `SELECT target.name, unit.key, coverage.period_seconds, coverage.start_minute, coverage.end_minute,
      coverage.settled
    FROM coverage JOIN unit ON unit.id = coverage.unit_id JOIN target ON target.id = unit.target_id`,
} as const;

function usageOf(table: string): string {
  return `SELECT '${table}', traffic.cloud, traffic.account, traffic.region, traffic.resource, traffic.vendor_model,
      traffic.deployment, facet.tier, facet.model_name, facet.model_version, identity.from_at, row.*
    FROM (SELECT * FROM ${table}) AS row JOIN identity ON identity.id = row.identity_id
      JOIN facet ON facet.id = identity.facet_id JOIN traffic ON traffic.id = facet.traffic_id`;
}

export function dumpLedger(path: string): LedgerDump {
  const db = new Driver(path, { readonly: true });
  try {
    const linesOf = (sql: string) =>
      (db.prepare(sql).all() as { readonly identity_id?: number }[])
        .map((found) => {
          const { identity_id: _, ...row } = found;
          return Object.values(row).join('|');
        })
        .toSorted();
    return {
      readings: linesOf(columns.readings),
      coverage: linesOf(columns.coverage),
      usage: ['usage_minute', 'usage_hour', 'usage_day'].flatMap((table) =>
        linesOf(usageOf(table)),
      ),
    };
  } finally {
    db.close();
  }
}

/**
 * Readings in which a ledger that is still being filled differs from a whole one: those it has outside its own coverage,
 * and those it lacks inside it. None is the wish.
 */
export function readingsAmiss(path: string, wholePath: string): readonly string[] {
  const here = keyedReadings(path);
  const whole = keyedReadings(wholePath);
  const covered = coveredMinutes(path);
  const expected = whole
    .filter(({ unit, minute }) => covered.get(unit)?.has(minute) === true)
    .map(({ line }) => line);
  const found = new Set(here.map(({ line }) => line));
  const wanted = new Set(expected);
  return [
    ...expected.filter((line) => !found.has(line)).map((line) => `absent: ${line}`),
    ...[...found].filter((line) => !wanted.has(line)).map((line) => `not covered: ${line}`),
  ];
}

function keyedReadings(path: string) {
  const db = new Driver(path, { readonly: true });
  const rows = db
    .prepare(
      `SELECT target.name || ' ' || unit.key AS unit, reading.minute, series.metric, series.dimensions,
         reading.period_seconds, reading.sum, reading.count, reading.min, reading.max, reading.avg, reading.p90
       FROM reading JOIN series ON series.id = reading.series_id JOIN unit ON unit.id = series.unit_id
         JOIN target ON target.id = unit.target_id`,
    )
    .all() as { readonly unit: string; readonly minute: number }[];
  db.close();
  return rows.map((row) => ({ ...row, line: Object.values(row).join('|') }));
}

function coveredMinutes(path: string): ReadonlyMap<string, ReadonlySet<number>> {
  const db = new Driver(path, { readonly: true });
  const rows = db
    .prepare(
      `SELECT target.name || ' ' || unit.key AS unit, start_minute AS start, end_minute AS end FROM coverage
       JOIN unit ON unit.id = coverage.unit_id JOIN target ON target.id = unit.target_id`,
    )
    .all() as { readonly unit: string; readonly start: number; readonly end: number }[];
  db.close();
  const covered = new Map<string, Set<number>>();
  for (const { unit, start, end } of rows) {
    const minutes = covered.get(unit) ?? new Set();
    for (let minute = start; minute < end; minute += 1) minutes.add(minute);
    covered.set(unit, minutes);
  }
  return covered;
}

/** Every complaint of the database itself; none is the wish. */
export function integrityOf(path: string): readonly string[] {
  const db = new Driver(path, { readonly: true });
  try {
    const found = db.pragma('integrity_check') as readonly { readonly integrity_check: string }[];
    return found.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  } finally {
    db.close();
  }
}
