import type { Db } from './database.ts';

type Counts = Readonly<Record<string, number>>;

/** What of each target's samples was odd, by kind; of a target where nothing was, nothing. */
export function openIrregularities(db: Db): () => (targetId: number) => Counts {
  const rejected = db.prepare<[], { target_id: number; reason: string; count: number }>(
    'SELECT target_id, reason, count FROM rejection ORDER BY target_id, reason',
  );
  const vanished = db
    .prepare<[], [targetId: number, count: number]>(
      `SELECT unit.target_id, count(*) FROM vanished JOIN series ON series.id = vanished.series_id
         JOIN unit ON unit.id = series.unit_id GROUP BY 1`,
    )
    .raw();
  /** Found from what is in violation, which is mostly nothing: the targets are many, and each has many identities. */
  const violating = db
    .prepare<[], number>(
      `SELECT DISTINCT unit.target_id FROM (SELECT DISTINCT identity_id FROM usage_minute WHERE violation = 1) AS found
         JOIN identity ON identity.id = found.identity_id JOIN facet ON facet.id = identity.facet_id
         JOIN series ON series.traffic_id = facet.traffic_id JOIN unit ON unit.id = series.unit_id`,
    )
    .pluck();
  const violations = db
    .prepare<[number, number], number>(
      `SELECT count(*) FROM usage_minute WHERE violation = 1 AND identity_id IN (SELECT identity.id FROM identity
         JOIN facet ON facet.id = identity.facet_id WHERE facet.traffic_id IN (SELECT series.traffic_id FROM series
         JOIN unit ON unit.id = series.unit_id WHERE unit.target_id = ?))
         AND minute < (SELECT max(end_minute) FROM coverage JOIN unit ON unit.id = coverage.unit_id
           WHERE unit.target_id = ? AND settled = 1)`,
    )
    .pluck();
  return () => {
    const found = new Map<number, Record<string, number>>();
    function add(targetId: number, kind: string, count: number): void {
      const own = found.get(targetId) ?? {};
      own[kind] = count;
      found.set(targetId, own);
    }
    for (const { target_id: targetId, reason, count } of rejected.all()) {
      add(targetId, `rejected_${reason}`, count);
    }
    for (const [targetId, count] of vanished.all()) add(targetId, 'vanished', count);
    for (const targetId of violating.all()) {
      const count = violations.get(targetId, targetId) ?? 0;
      if (count > 0) add(targetId, 'contract_violation', count);
    }
    return (targetId) => found.get(targetId) ?? {};
  };
}
