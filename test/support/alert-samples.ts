import type { Alert, AlertMessage } from '../../agent/core/alert.ts';
import { hourMs } from '../../agent/core/time.ts';

export const alertsNow = Date.UTC(2026, 10, 23, 12);

/** A budget's alert as it fires, changed as told. */
export function alertSample(change: Partial<Alert> = {}): Alert {
  return {
    fingerprint: '8f860b3d0c14f77c',
    key: 'search-monthly/2026-11/actual/0.9',
    group: 'search-monthly/2026-11',
    name: 'search-monthly',
    kind: 'budget',
    labels: {
      alertname: 'search-monthly',
      severity: 'page',
      team: 'search',
      model: 'openai/gpt-5',
    },
    annotations: {
      summary: 'search-monthly: $455 of $500 (91%), forecast $610 by 30 Nov',
      description: 'driver gpt-5/chat-eu +$120 since Tue (volume)',
      runbook_url: 'https://wiki.example.com/budgets',
    },
    state: 'firing',
    activeAt: alertsNow - hourMs,
    firedAt: alertsNow - hourMs,
    endedAt: null,
    noData: false,
    value: 455,
    threshold: 450,
    unit: 'usd',
    certainty: 'provisional',
    incomplete: false,
    dataUntil: alertsNow - 60_000,
    period: { start: Date.UTC(2026, 10, 1), end: Date.UTC(2026, 11, 1) },
    notify: ['finops'],
    acknowledged: null,
    silencedBy: [],
    notifiedAt: null,
    ...change,
  };
}

/** A message with one alert, changed as told. */
export function messageSample(change: Partial<AlertMessage> = {}): AlertMessage {
  return {
    id: 'msg_1',
    type: 'alert.firing',
    group: 'search-monthly/2026-11',
    notifier: 'finops',
    at: alertsNow,
    alerts: [alertSample()],
    link: 'https://crossbill.example.com/alerts',
    ...change,
  };
}
