import type { Alert, AlertMessage, SendOutcome } from '../../agent/core/alert.ts';
import type { Labels } from '../../agent/core/cloud.ts';
import { dayMs, isoUtc, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { clippedLabels, generatorUrl, isOver, startsAt } from './alertmanager-alert.ts';
import type { Channel } from './channel.ts';
import { fitting } from './fit.ts';
import type { Addressed, NotifierDeps } from './settings.ts';

/** Alertmanager's own API: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
export function alertmanagerChannel(
  settings: Addressed<'alertmanager'>,
  { post }: NotifierDeps,
): Channel {
  return {
    async send(message, at, signal) {
      const url = alertsUrl(settings.url.reveal());
      let outcome: SendOutcome | undefined;
      for (let from = 0; from < message.alerts.length;) {
        const { body, taken } = alertmanagerBody(message, from);
        outcome = await post({ url, body, secrets: [] }, at, signal);
        if (outcome.result !== 'delivered') return outcome;
        from += taken;
      }
      return outcome ?? nothingToSay;
    },
  };
}

const nothingToSay: SendOutcome = {
  result: 'delivered',
  status: null,
  answer: 'no alert is in the message, so nothing was sent',
  retryAfterMs: null,
};

/** The API below an Alertmanager's address, unless the address is that of the API. */
export function alertsUrl(base: string): string {
  const path = '/api/v2/alerts';
  const bare = base.replace(/\/+$/, '');
  return bare.endsWith(path) ? bare : `${bare}${path}`;
}

/** What it ends by itself if it never hears of it again, so that it does not end a firing alert after five minutes. */
const forgottenMs = 30 * dayMs;
const testMs = minuteMs;

/** Its alerts from the given one on, as many as one request takes. */
export function alertmanagerBody(
  message: AlertMessage,
  from = 0,
): { readonly body: string; readonly taken: number } {
  const told = message.alerts.slice(from).map((alert) => ({
    labels: { alertname: alert.name, ...named(clippedLabels(alert.labels)) },
    annotations: named(clippedLabels(alert.annotations)),
    startsAt: startsAt(alert),
    endsAt: isoUtc(endOf(alert, message)),
    generatorURL: generatorUrl(alert, message),
  }));
  return fitting(told.length, (count) => JSON.stringify(told.slice(0, count)));
}

/** Never before the start, which would be refused. */
function endOf(alert: Alert, { type, at }: AlertMessage): Instant {
  const start = alert.firedAt ?? alert.activeAt;
  if (isOver(alert)) return Math.max(start, alert.endedAt ?? at);
  if (type === 'alert.test') return at + testMs;
  return Math.max(alert.period?.end ?? at + forgottenMs, at + dayMs);
}

/** By names that Alertmanager takes before it took any of UTF-8: `tag.team` is `tag_team`. */
function named(labels: Labels): Labels {
  const all = Object.entries(labels).filter(([, value]) => value !== '');
  const fine = all.map(([name, value]) => [
    name.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_'),
    value,
  ]);
  return Object.fromEntries(fine);
}
