import type { RereadBook, StatusWriter } from '../../agent/core/store.ts';
import type { Db } from './database.ts';

export function openStatus(db: Db): StatusWriter & RereadBook {
  const fail = db.prepare(
    `INSERT INTO failure (scope, source, kind, reason, operation, message, hint, at, since_at, next_try_at)
     VALUES (@scope, @source, @kind, @reason, @operation, @message, @hint, @at, @at, @nextTry)
     ON CONFLICT (scope) DO UPDATE SET kind = excluded.kind, reason = excluded.reason, operation = excluded.operation,
       message = excluded.message, hint = excluded.hint, at = excluded.at, next_try_at = excluded.next_try_at`,
  );
  const clear = db.prepare('DELETE FROM failure WHERE scope = ?');
  const settle = db.prepare(
    `DELETE FROM failure WHERE source = @source AND kind = @kind
       AND scope NOT IN (SELECT name FROM target WHERE active = 1)
       AND scope NOT IN (SELECT scope || '/bills/' || source FROM bill_scope WHERE asked_by = @source)
       AND scope NOT IN (SELECT value FROM json_each(@failing))`,
  );
  const nextPoll = db.prepare('UPDATE target SET next_poll_at = ? WHERE name = ?');
  const pace = db.prepare('UPDATE target SET cadence_seconds = ?, slowed = ? WHERE name = ?');
  const reread = db.prepare('UPDATE target SET reread_at = ? WHERE name = ?');
  const rereadAt = db.prepare('SELECT reread_at FROM target WHERE name = ?').pluck();
  return {
    recordFailure({ source, scope, error, at, nextTry, kind = 'usage' }) {
      const { reason, operation, message, hint } = error;
      fail.run({ source, scope, kind, reason, operation, message, hint, at, nextTry });
    },
    clearFailure: (scope) => void clear.run(scope),
    settleScopes: (source, failing, kind = 'usage') =>
      void settle.run({ source, kind, failing: JSON.stringify(failing) }),
    recordNextPoll: (targetId, at) => void nextPoll.run(at, targetId),
    recordPace: (targetId, cadenceSeconds, slowed) =>
      void pace.run(cadenceSeconds, slowed, targetId),
    recordReread: (targetId, at) => void reread.run(at, targetId),
    rereadAt: (targetId) => (rereadAt.get(targetId) as number | null | undefined) ?? undefined,
  };
}
