import type { AlertReader, AlertWriter } from '../../agent/core/alert-store.ts';
import type { AlertState, Silence, TrackedAlert } from '../../agent/core/alert.ts';
import type { Db } from './database.ts';
import { openOutboxRows } from './outbox.ts';

interface EventRow {
  at: number;
  from_state: AlertState;
  to_state: AlertState;
  value: number | null;
  note: string;
}

/** Alerts, what became of them, and silences. */
export function openAlerts(db: Db, atomically: <T>(work: () => T) => T): AlertWriter & AlertReader {
  const outbox = openOutboxRows(db);
  const keepAlert = db.prepare(
    `INSERT INTO alert (fingerprint, ended_at, period_end, body) VALUES (@fingerprint, @endedAt, @periodEnd, @body)
     ON CONFLICT (fingerprint) DO UPDATE SET ended_at = excluded.ended_at, period_end = excluded.period_end,
       body = excluded.body`,
  );
  const addEvent = db.prepare(
    `INSERT INTO alert_event (fingerprint, at, from_state, to_state, value, note)
     VALUES (@fingerprint, @at, @from, @to, @value, @note)`,
  );
  const keepSilence = db.prepare(
    `INSERT INTO silence (id, ends_at, body) VALUES (@id, @endsAt, @body)
     ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at, body = excluded.body`,
  );
  const silenceOf = db.prepare<[string], string>('SELECT body FROM silence WHERE id = ?').pluck();
  const alerts = db.prepare<[], string>('SELECT body FROM alert ORDER BY fingerprint').pluck();
  const silences = db.prepare<[], string>('SELECT body FROM silence ORDER BY ends_at, id').pluck();
  const eventsOf = db.prepare<[string], EventRow>(
    'SELECT at, from_state, to_state, value, note FROM alert_event WHERE fingerprint = ? ORDER BY id',
  );
  // A period that goes on remembers what fired in it, however long ago that was.
  const forgetAlerts = db.prepare(
    'DELETE FROM alert WHERE ended_at < @before AND (period_end IS NULL OR period_end < @before)',
  );
  const forgetEvents = db.prepare(
    'DELETE FROM alert_event WHERE fingerprint NOT IN (SELECT fingerprint FROM alert)',
  );
  const forgetSilences = db.prepare('DELETE FROM silence WHERE ends_at < @before');

  const put = (silence: Silence): void => {
    keepSilence.run({ id: silence.id, endsAt: silence.endsAt, body: JSON.stringify(silence) });
  };
  return {
    recordStep: ({ at, alerts: changed, events, messages }) =>
      atomically(() => {
        for (const alert of changed) {
          const { fingerprint, endedAt, period } = alert;
          const body = JSON.stringify(alert);
          keepAlert.run({ fingerprint, endedAt, periodEnd: period?.end ?? null, body });
        }
        for (const event of events) addEvent.run({ ...event });
        outbox.put(messages, at);
      }),
    keepSilence: (silence) => atomically(() => put(silence)),
    expireSilence: (id, at) =>
      atomically(() => {
        const body = silenceOf.get(id);
        if (body === undefined) return false;
        const silence: Silence = JSON.parse(body);
        if (silence.endsAt > at) put({ ...silence, endsAt: at });
        return true;
      }),
    forgetAlerts: (before) =>
      atomically(() => {
        forgetAlerts.run({ before });
        forgetEvents.run();
        forgetSilences.run({ before });
        outbox.forget(before);
      }),
    async alerts() {
      return alerts.all().map((body): TrackedAlert => JSON.parse(body));
    },
    async events(fingerprint) {
      return eventsOf.all(fingerprint).map(({ from_state: from, to_state: to, ...row }) => {
        const { at, value, note } = row;
        return { fingerprint, at, from, to, value, note };
      });
    },
    async silences() {
      return silences.all().map((body): Silence => JSON.parse(body));
    },
  };
}
