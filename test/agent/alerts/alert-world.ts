import { repeatMs, goneMs } from '../../../agent/alerts/lifecycle-settings.ts';
import type { LifecycleSettings } from '../../../agent/alerts/lifecycle-settings.ts';
import { step } from '../../../agent/alerts/lifecycle.ts';
import type { AlertStep } from '../../../agent/core/alert-store.ts';
import type { Condition, Silence, TrackedAlert } from '../../../agent/core/alert.ts';
import type { Instant } from '../../../agent/core/time.ts';

export const noon = Date.UTC(2026, 10, 23, 12);
export const november = { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 11, 1) };

/** A rule's condition that is met, changed as told. */
export function ruleCondition(change: Partial<Condition> = {}): Condition {
  return {
    key: 'throttled/gpt-5',
    group: 'throttled',
    name: 'throttled',
    kind: 'throttle_ratio',
    labels: { alertname: 'throttled', severity: 'page', model: 'openai/gpt-5' },
    annotations: { summary: 'throttled' },
    state: 'met',
    near: false,
    value: 0.05,
    threshold: 0.02,
    unit: 'ratio',
    certainty: 'provisional',
    incomplete: false,
    dataUntil: noon,
    forSeconds: 0,
    period: null,
    notify: ['oncall'],
    ...change,
  };
}

/** A threshold of a budget's November that is met, changed as told. */
export function budgetCondition(change: Partial<Condition> = {}, ratio = 0.9): Condition {
  const period = change.period ?? november;
  return ruleCondition({
    key: `search/${period.start}/actual/${ratio}`,
    group: `search/${period.start}`,
    name: 'search',
    kind: 'budget',
    labels: { alertname: 'search', severity: 'warning', threshold: `actual ${ratio * 100}%` },
    value: 455,
    threshold: 500 * ratio,
    unit: 'usd',
    period,
    notify: ['finops'],
    ...change,
  });
}

export const settings: LifecycleSettings = {
  repeatMs,
  goneMs,
  isConfigured: () => true,
  publicUrl: null,
};

/** Alerts that are stepped and kept in memory. */
export function stepped(change: Partial<LifecycleSettings> = {}) {
  const alerts = new Map<string, TrackedAlert>();
  const silences: Silence[] = [];
  return {
    alerts: () => [...alerts.values()],
    only: () => [...alerts.values()][0] as TrackedAlert,
    silences,
    put: (alert: TrackedAlert) => void alerts.set(alert.fingerprint, alert),
    step(now: Instant, ...conditions: readonly Condition[]): AlertStep {
      const state = { alerts: [...alerts.values()], silences };
      const done = step(state, conditions, now, { ...settings, ...change });
      for (const alert of done.alerts) alerts.set(alert.fingerprint, alert);
      return done;
    },
  };
}

/** The types of the messages, in a line. */
export function typesIn({ messages }: AlertStep): string {
  return messages.map(({ type }) => type.replace('alert.', '')).join(' ');
}

export function silence(change: Partial<Silence> = {}): Silence {
  return {
    id: 's1',
    matchers: [{ name: 'alertname', value: 'throttled', isEqual: true }],
    startsAt: noon,
    endsAt: noon + 3_600_000,
    createdBy: 'ada',
    comment: 'known',
    createdAt: noon,
    ...change,
  };
}
