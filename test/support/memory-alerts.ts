import type { AlertReader, AlertWriter } from '../../agent/core/alert-store.ts';
import type { AlertEvent, Silence, TrackedAlert } from '../../agent/core/alert.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { OutboxUnderTest } from './memory-outbox.ts';
import { alertSample } from './alert-samples.ts';

/** Alerts and silences in memory, as the ports promise them. */
export function memoryAlerts(outbox?: OutboxUnderTest): AlertWriter & AlertReader {
  const alerts = new Map<string, TrackedAlert>();
  const silences = new Map<string, Silence>();
  const events: AlertEvent[] = [];
  return {
    recordStep({ at, alerts: changed, events: added, messages }) {
      for (const alert of changed) alerts.set(alert.fingerprint, alert);
      events.push(...added);
      outbox?.put(messages, at);
    },
    keepSilence: (silence) => void silences.set(silence.id, silence),
    expireSilence(id, at) {
      const silence = silences.get(id);
      if (silence === undefined) return false;
      if (silence.endsAt > at) silences.set(id, { ...silence, endsAt: at });
      return true;
    },
    forgetAlerts(before: Instant) {
      for (const { fingerprint, endedAt } of alerts.values()) {
        if (endedAt !== null && endedAt < before) alerts.delete(fingerprint);
      }
    },
    alerts: async () => [...alerts.values()],
    events: async (fingerprint) => events.filter((one) => one.fingerprint === fingerprint),
    silences: async () => [...silences.values()],
  };
}

export function trackedSample(change: Partial<TrackedAlert> = {}): TrackedAlert {
  return {
    ...alertSample(),
    told: 'firing',
    episode: 0,
    messages: 1,
    armed: false,
    missingSince: null,
    ...change,
  };
}
