import { attemptResults } from '../../agent/core/alert-store.ts';
import type { AttemptResult, OutboxReader, OutboxWriter } from '../../agent/core/alert-store.ts';
import type { AlertMessage, Delivery, DeliveryState } from '../../agent/core/alert.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Db } from './database.ts';

interface DeliveryRow {
  id: string;
  notifier: string;
  message: string;
  state: DeliveryState;
  attempts: number;
  created_at: number;
  next_try_at: number;
  last_try_at: number | null;
  delivered_at: number | null;
  last_status: number | null;
  last_answer: string;
}

/** How messages come into the outbox and leave it, inside the caller's transaction. */
export interface OutboxRows {
  put(messages: readonly AlertMessage[], at: Instant): void;
  /** Those delivered or given up that were put there before. */
  forget(before: Instant): void;
}

export function openOutboxRows(db: Db): OutboxRows {
  const add = db.prepare(
    `INSERT INTO delivery (id, notifier, message_group, message, state, attempts, created_at, next_try_at, last_answer)
     VALUES (@id, @notifier, @group, @message, 'waiting', 0, @at, @at, '') ON CONFLICT (id) DO NOTHING`,
  );
  const forget = db.prepare(`DELETE FROM delivery WHERE state <> 'waiting' AND created_at < ?`);
  return {
    put(messages, at) {
      for (const message of messages) {
        const { id, notifier, group } = message;
        const body = JSON.stringify(message);
        add.run({ id: `${id}.${notifier}`, notifier, group, message: body, at });
      }
    },
    forget: (before) => void forget.run(before),
  };
}

/** Of one group and notifier only the oldest waiting delivery is anybody's turn. */
const inTurn = `FROM delivery WHERE sequence IN (
    SELECT min(sequence) FROM delivery WHERE state = 'waiting' GROUP BY notifier, message_group
  ) AND notifier NOT IN (SELECT value FROM json_each(@except))`;

export function openOutbox(
  db: Db,
  atomically: <T>(work: () => T) => T,
): OutboxWriter & OutboxReader {
  const due = db.prepare<unknown[], DeliveryRow>(
    `SELECT * ${inTurn} AND next_try_at <= @at ORDER BY sequence LIMIT @limit`,
  );
  const next = db.prepare<unknown[], number | null>(`SELECT min(next_try_at) ${inTurn}`).pluck();
  const record = db.prepare(
    `UPDATE delivery SET state = @state, attempts = @attempts, next_try_at = @nextTryAt, last_try_at = @lastTryAt,
       delivered_at = @deliveredAt, last_status = @lastStatus, last_answer = @lastAnswer WHERE id = @id`,
  );
  const count = db.prepare(
    `INSERT INTO attempt_total (result, count) VALUES (?, 1) ON CONFLICT (result) DO UPDATE SET count = count + 1`,
  );
  const totals = db.prepare<unknown[], { result: AttemptResult; count: number }>(
    'SELECT result, count FROM attempt_total',
  );
  const hurry = db.prepare(
    `UPDATE delivery SET next_try_at = @at WHERE notifier = @notifier AND state = 'waiting' AND next_try_at > @at`,
  );
  const retry = db.prepare(
    `UPDATE delivery SET state = 'waiting', attempts = 0, next_try_at = ?, delivered_at = NULL WHERE id = ?`,
  );
  const list = db.prepare<unknown[], DeliveryRow>(
    `SELECT * FROM delivery WHERE (@state IS NULL OR state = @state) AND (@notifier IS NULL OR notifier = @notifier)
     ORDER BY sequence DESC LIMIT @limit`,
  );
  return {
    dueDeliveries: (at, limit, except = []) =>
      due.all({ at, limit, except: JSON.stringify(except) }).map(deliveryOf),
    nextDue: (except = []) => next.get({ except: JSON.stringify(except) }) ?? undefined,
    recordAttempt({ message: _message, notifier: _notifier, createdAt: _createdAt, ...tried }) {
      atomically(() => {
        record.run(tried);
        count.run(tried.state === 'waiting' ? 'failed' : tried.state);
      });
    },
    hurryDeliveries: (notifier, at) => void atomically(() => hurry.run({ notifier, at })),
    retryDelivery: (id, at) => atomically(() => retry.run(at, id).changes > 0),
    async attemptTotals() {
      const known = new Map(totals.all().map((row) => [row.result, row.count]));
      const [delivered, failed, dead] = attemptResults.map((result) => known.get(result) ?? 0);
      return { delivered: delivered ?? 0, failed: failed ?? 0, dead: dead ?? 0 };
    },
    deliveries: async ({ state = null, notifier = null, limit }) =>
      list.all({ state, notifier, limit }).map(deliveryOf),
  };
}

function deliveryOf(row: DeliveryRow): Delivery {
  const message: AlertMessage = JSON.parse(row.message);
  return {
    id: row.id,
    message,
    notifier: row.notifier,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    nextTryAt: row.next_try_at,
    lastTryAt: row.last_try_at,
    deliveredAt: row.delivered_at,
    lastStatus: row.last_status,
    lastAnswer: row.last_answer,
  };
}
