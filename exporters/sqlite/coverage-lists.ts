import type { CoverageSpan } from '../../agent/core/store.ts';
import { minuteMs } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

/** Lists of spans in memory, one for all units that were read alike. */
export interface CoverageLists {
  of(unitId: number): readonly CoverageSpan[];
  /** The file says something else of it. */
  forget(unitId: number): void;
  forgetAll(): void;
}

/** Lists of spans that are kept to be shared. */
const mostShared = 1_000;

/** Period, start, end and whether settled, of each span: units are many, and few are told apart by it. */
const told = `group_concat(period_seconds || ' ' || start_minute || ' ' || end_minute || ' ' || settled)`;
const ordered = 'SELECT * FROM coverage ORDER BY unit_id, period_seconds, start_minute';

export function openCoverageLists(db: Db): CoverageLists {
  const ofUnit = db
    .prepare<[number], string | null>(`SELECT ${told} FROM (${ordered}) WHERE unit_id = ?`)
    .pluck();
  const ofAll = db
    .prepare<[], [unitId: number, spans: string]>(
      `SELECT unit_id, ${told} FROM (${ordered}) GROUP BY unit_id`,
    )
    .raw();
  /** Of units that were not read since; nothing where another process writes. */
  const known = new Map<number, readonly CoverageSpan[]>();
  const shared = new Map<string, readonly CoverageSpan[]>();
  let isRead = false;

  function keep(unitId: number, spans: string): readonly CoverageSpan[] {
    let list = shared.get(spans);
    if (list === undefined) {
      list = spansFrom(spans);
      if (shared.size >= mostShared) shared.clear();
      shared.set(spans, list);
    }
    known.set(unitId, list);
    return list;
  }

  /** Who asks of one unit asks of all of them: the first time they are read together. */
  function readAll(): void {
    isRead = true;
    for (const [unitId, spans] of ofAll.all()) keep(unitId, spans);
  }

  return {
    of(unitId) {
      if (db.readonly) return spansFrom(ofUnit.get(unitId) ?? '');
      if (!isRead) readAll();
      return known.get(unitId) ?? keep(unitId, ofUnit.get(unitId) ?? '');
    },
    forget: (unitId) => void known.delete(unitId),
    forgetAll() {
      known.clear();
      isRead = false;
    },
  };
}

function spansFrom(spans: string): readonly CoverageSpan[] {
  if (spans === '') return [];
  return spans
    .split(',')
    .map((one) => {
      const [periodSeconds = 0, start = 0, end = 0, settled = 0] = one.split(' ').map(Number);
      return {
        start: start * minuteMs,
        end: end * minuteMs,
        periodSeconds,
        settled: settled === 1,
      };
    })
    .toSorted((a, b) => a.periodSeconds - b.periodSeconds || a.start - b.start);
}
