import { expect, test } from 'vitest';
import { hourMs } from '../../../agent/core/time.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { outboxContract } from '../../conformance/outbox.ts';
import { alertsNow as now, messageSample } from '../../support/alert-samples.ts';
import { trackedSample } from '../../support/memory-alerts.ts';
import { silence } from '../../agent/alerts/alert-world.ts';

function ledger(): Ledger {
  const contracts = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
  return openLedger(':memory:', createInterpretation(new Map(), contracts), now);
}

outboxContract('a ledger', () => {
  const kept = ledger();
  return {
    ...kept,
    put: (messages, at) => kept.recordStep({ at, alerts: [], events: [], messages }),
  };
});

test('a step is read back whole: alerts to the last field, events in order', async () => {
  const kept = ledger();
  const alert = trackedSample({ acknowledged: { by: 'ada', at: now, note: 'on it' } });
  const { fingerprint } = alert;
  const event = {
    fingerprint,
    at: now,
    from: 'pending',
    to: 'firing',
    value: 1.5,
    note: 'a',
  } as const;
  const later = { ...event, at: now + 1, value: null, note: '' };
  kept.recordStep({ at: now, alerts: [alert], events: [event, later], messages: [] });
  expect(await kept.alerts()).toEqual([alert]);
  expect(await kept.events(fingerprint)).toEqual([event, later]);
  expect(await kept.events('other')).toEqual([]);
  const changed = { ...alert, state: 'resolved', endedAt: now } as const;
  kept.recordStep({ at: now, alerts: [changed], events: [], messages: [] });
  expect(await kept.alerts()).toEqual([changed]);
});

test('a step that cannot be written whole is not written at all', async () => {
  const kept = ledger();
  const broken = { ...messageSample(), notifier: JSON.parse('null') };
  const step = { at: now, alerts: [trackedSample()], events: [], messages: [broken] };
  expect(() => kept.recordStep(step)).toThrow(/NOT NULL/);
  expect(await kept.alerts()).toEqual([]);
  expect(await kept.deliveries({ limit: 1 })).toEqual([]);
});

test('a silence is replaced by one of its id, and ends when it is told to', async () => {
  const kept = ledger();
  kept.keepSilence(silence());
  kept.keepSilence(silence({ comment: 'longer', endsAt: now + 9 * hourMs }));
  expect(await kept.silences()).toEqual([silence({ comment: 'longer', endsAt: now + 9 * hourMs })]);
  expect(kept.expireSilence('s1', now + hourMs)).toBe(true);
  expect(kept.expireSilence('s1', now + 2 * hourMs)).toBe(true);
  expect(kept.expireSilence('nobody', now)).toBe(false);
  expect((await kept.silences()).map(({ endsAt }) => endsAt)).toEqual([now + hourMs]);
});

test('what ended before is forgotten; what fired in a period that goes on, fires or waits is not', async () => {
  const kept = ledger();
  const period = { start: now - 9 * hourMs, end: now + 9 * hourMs };
  const ended = { state: 'corrected', endedAt: now - 2 * hourMs } as const;
  const alerts = [
    trackedSample({ fingerprint: 'rule', ...ended, period: null }),
    trackedSample({ fingerprint: 'period', ...ended, period }),
    trackedSample({ fingerprint: 'past', ...ended, period: { start: 0, end: now - 2 * hourMs } }),
    trackedSample({ fingerprint: 'fires' }),
  ];
  const eventOf = (fingerprint: string) =>
    ({ fingerprint, at: now, from: 'firing', to: 'corrected', value: null, note: '' }) as const;
  const events = alerts.map(({ fingerprint }) => eventOf(fingerprint));
  const messages = [messageSample({ id: 'sent', group: 'a' }), messageSample({ id: 'waits' })];
  kept.recordStep({ at: now - 2 * hourMs, alerts, events, messages });
  const [sent] = await kept.deliveries({ limit: 9 });
  for (const delivery of await kept.deliveries({ limit: 9 })) {
    if (delivery.message.id === 'sent') kept.recordAttempt({ ...delivery, state: 'delivered' });
  }
  expect(sent).toBeDefined();
  kept.keepSilence(silence({ endsAt: now - 2 * hourMs }));
  kept.forgetAlerts(now - hourMs);
  expect((await kept.alerts()).map(({ fingerprint }) => fingerprint)).toEqual(['fires', 'period']);
  expect(await kept.events('rule')).toEqual([]);
  expect(await kept.events('period')).toHaveLength(1);
  expect(await kept.silences()).toEqual([]);
  expect((await kept.deliveries({ limit: 9 })).map(({ message }) => message.id)).toEqual(['waits']);
});
