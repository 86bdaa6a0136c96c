import type { Statistic } from '../../agent/core/meter.ts';
import type { Readings } from '../../agent/core/reading.ts';
import type {
  CoverageSpan,
  IntakeReader,
  LedgerIntake,
  ReadingReader,
} from '../../agent/core/store.ts';
import type { Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { Registry } from './registry.ts';
import type { Targets } from './targets.ts';

export interface ReadingReaderParts {
  readonly db: Db;
  readonly registry: () => Registry;
  readonly targets: Targets;
  readonly coverage: Coverage;
}

const statistics: readonly Statistic[] = ['sum', 'count', 'min', 'max', 'avg', 'p90'];

export function createReadingReader(parts: ReadingReaderParts): ReadingReader & IntakeReader {
  const { db, registry, targets, coverage } = parts;
  const rows = db.prepare(
    `SELECT minute, ${statistics.join(', ')} FROM reading
     WHERE series_id = ? AND period_seconds = ? AND minute >= ? AND minute < ? ORDER BY minute`,
  );
  const unitsOf = (targetId: string) => targets.unitsOf(targets.idOf(targetId));
  return {
    targets: () => Promise.resolve(targets.polled()),
    coverageOf: (targetId) =>
      Promise.resolve(
        new Map<string, readonly CoverageSpan[]>(
          Array.from(unitsOf(targetId), ([key, { id }]) => [key, coverage.of(id)]),
        ),
      ),
    readings(targetId, unitKey, window, periodSeconds) {
      const unit = unitsOf(targetId).get(unitKey);
      const series = unit === undefined ? [] : registry().seriesOfUnit(unit.id);
      const bounds = [window.start / minuteMs, window.end / minuteMs];
      return Promise.resolve(
        series.map((one): Readings => {
          const points = rows.all(one.id, periodSeconds, ...bounds) as ReadingRow[];
          return {
            series: one,
            unitKey,
            periodSeconds,
            starts: points.map(({ minute }) => minute * minuteMs),
            columns: Object.fromEntries(
              statistics.map((statistic) => [statistic, points.map((row) => row[statistic])]),
            ),
          };
        }),
      );
    },
    intake: (window) => Promise.resolve(readIntake(db, window)),
  };
}

type ReadingRow = { readonly minute: number } & Readonly<Record<Statistic, number | null>>;

interface SeriesRecord {
  readonly latency: number;
  readonly statistics: number;
  readonly count: number;
  readonly readings: number;
}

function readIntake(db: Db, window: Window): LedgerIntake {
  const bounds = [window.start / minuteMs, window.end / minuteMs];
  const one = (sql: string, ...values: readonly number[]) =>
    db
      .prepare(sql)
      .pluck()
      .get(...values) as number;
  const carried = statistics.map((name) => `(${name} IS NOT NULL)`).join(' + ');
  const series = db
    .prepare(
      `SELECT latency, statistics, count(*) AS count, sum(readings) AS readings FROM (
         SELECT series.measure ->> 'kind' = 'latency' AS latency, count(reading.minute) AS readings,
           coalesce(round(avg(${carried})), 1) AS statistics
         FROM series LEFT JOIN reading ON reading.series_id = series.id AND reading.period_seconds = 60
           AND reading.minute >= ? AND reading.minute < ?
         GROUP BY series.id)
       GROUP BY 1, 2 ORDER BY 1, 2`,
    )
    .all(...bounds) as SeriesRecord[];
  return {
    bytes: one('SELECT page_count * page_size FROM pragma_page_count, pragma_page_size'),
    targets: one('SELECT count(*) FROM target'),
    units: one('SELECT count(*) FROM unit'),
    traffics: one('SELECT count(*) FROM traffic'),
    identities: one('SELECT count(*) FROM identity'),
    usageMinutes: one(
      `SELECT count(*) FROM identity JOIN usage_minute ON usage_minute.identity_id = identity.id
       WHERE usage_minute.minute >= ? AND usage_minute.minute < ?`,
      ...bounds,
    ),
    series: series.map((row) => ({ ...row, latency: row.latency === 1 })),
  };
}
