import type { Alert, AlertMessage } from '../../agent/core/alert.ts';
import { isoUtc } from '../../agent/core/time.ts';
import { clippedLabels, commonOf, generatorUrl, isOver, startsAt } from './alertmanager-alert.ts';
import { fitting } from './fit.ts';
import type { Channel } from './channel.ts';
import type { NotifierDeps, WebhookSettings } from './settings.ts';
import { secretsIn, standardHeaders } from './sign.ts';

/** Any receiver: Alertmanager's body, Standard Webhooks' headers. */
export function webhookChannel(settings: WebhookSettings, deps: NotifierDeps): Channel {
  return {
    send(message, at, signal) {
      const url = settings.url.reveal();
      const secret = settings.secret?.reveal();
      const body = webhookBody(message, deps.publicUrl);
      const timestampSeconds = Math.floor(at / 1_000);
      const headers = standardHeaders({ id: message.id, timestampSeconds, body }, secret);
      return deps.post({ url, body, headers, secrets: secretsIn(secret ?? '') }, at, signal);
    },
  };
}

const notEnded = '0001-01-01T00:00:00Z';

/**
 * Alertmanager's webhook, version 4, with Standard Webhooks' `type` and `timestamp` beside it and figures under
 * `crossbill`: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config. The same at every attempt.
 */
export function webhookBody(message: AlertMessage, publicUrl: string | null): string {
  const { type, at, alerts, notifier, group } = message;
  const labels = alerts.map((alert) => clippedLabels(alert.labels));
  const commonLabels = commonOf(labels);
  const named = commonLabels['alertname'];
  const whole = {
    type,
    timestamp: isoUtc(at),
    version: '4',
    receiver: notifier,
    status: alerts.length > 0 && alerts.every(isOver) ? 'resolved' : 'firing',
    groupKey: group,
    groupLabels: named === undefined ? {} : { alertname: named },
    commonLabels,
    commonAnnotations: commonOf(alerts.map((alert) => clippedLabels(alert.annotations))),
    externalURL: publicUrl ?? '',
  };
  const told = alerts.map((alert) => alertBody(alert, message));
  return fitting(alerts.length, (count) =>
    JSON.stringify({
      ...whole,
      alerts: told.slice(0, count),
      truncatedAlerts: alerts.length - count,
    }),
  ).body;
}

function alertBody(alert: Alert, message: AlertMessage): object {
  const { endedAt, period, dataUntil } = alert;
  return {
    status: isOver(alert) ? 'resolved' : 'firing',
    labels: clippedLabels(alert.labels),
    annotations: clippedLabels(alert.annotations),
    startsAt: startsAt(alert),
    endsAt: endedAt === null ? notEnded : isoUtc(endedAt),
    generatorURL: generatorUrl(alert, message),
    fingerprint: alert.fingerprint,
    crossbill: {
      name: alert.name,
      kind: alert.kind,
      state: alert.state,
      value: alert.value,
      threshold: alert.threshold,
      unit: alert.unit,
      certainty: alert.certainty,
      incomplete: alert.incomplete,
      no_data: alert.noData,
      data_until: isoUtc(dataUntil),
      period_start: period === null ? null : isoUtc(period.start),
      period_end: period === null ? null : isoUtc(period.end),
    },
  };
}
