import type { OutboxReader, OutboxWriter } from '../../agent/core/alert-store.ts';
import type { AlertMessage, Delivery } from '../../agent/core/alert.ts';
import type { Instant } from '../../agent/core/time.ts';

/** An outbox and the way into it, whoever keeps it. */
export interface OutboxUnderTest extends OutboxWriter, OutboxReader {
  put(messages: readonly AlertMessage[], at: Instant): void;
}

/** An outbox in memory, as the port promises it. Rows outlive whatever loop reads them. */
export function memoryOutbox(): OutboxUnderTest {
  const rows = new Map<string, Delivery>();
  const totals = { delivered: 0, failed: 0, dead: 0 };

  const oldest = (except: readonly string[]): readonly Delivery[] => {
    const first = new Map<string, Delivery>();
    for (const row of rows.values()) {
      const lane = JSON.stringify([row.notifier, row.message.group]);
      if (row.state !== 'waiting' || except.includes(row.notifier)) continue;
      const known = first.get(lane);
      if (known === undefined || row.createdAt < known.createdAt) first.set(lane, row);
    }
    return [...first.values()];
  };

  return {
    put(messages, at) {
      for (const message of messages) {
        const id = `${message.id}.${message.notifier}`;
        if (rows.has(id)) continue;
        rows.set(id, {
          id,
          message,
          notifier: message.notifier,
          state: 'waiting',
          attempts: 0,
          createdAt: at,
          nextTryAt: at,
          lastTryAt: null,
          deliveredAt: null,
          lastStatus: null,
          lastAnswer: '',
        });
      }
    },
    dueDeliveries: (at, limit, except = []) =>
      oldest(except)
        .filter((row) => row.nextTryAt <= at)
        .toSorted((a, b) => a.createdAt - b.createdAt)
        .slice(0, limit),
    nextDue(except = []) {
      const moments = oldest(except).map((row) => row.nextTryAt);
      return moments.length === 0 ? undefined : Math.min(...moments);
    },
    recordAttempt(delivery) {
      rows.set(delivery.id, delivery);
      totals[delivery.state === 'waiting' ? 'failed' : delivery.state] += 1;
    },
    attemptTotals: async () => ({ ...totals }),
    hurryDeliveries(notifier, at) {
      for (const row of rows.values()) {
        if (row.notifier !== notifier || row.state !== 'waiting' || row.nextTryAt <= at) continue;
        rows.set(row.id, { ...row, nextTryAt: at });
      }
    },
    retryDelivery(id, at) {
      const row = rows.get(id);
      if (row === undefined) return false;
      rows.set(id, { ...row, state: 'waiting', attempts: 0, nextTryAt: at, deliveredAt: null });
      return true;
    },
    deliveries: async ({ state, notifier, limit }) =>
      [...rows.values()]
        .toReversed()
        .toSorted((a, b) => b.createdAt - a.createdAt)
        .filter((row) => state === undefined || row.state === state)
        .filter((row) => notifier === undefined || row.notifier === notifier)
        .slice(0, limit),
  };
}
