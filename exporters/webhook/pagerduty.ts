import type { Alert, AlertMessage, SendOutcome } from '../../agent/core/alert.ts';
import { isOver, startsAt } from './alertmanager-alert.ts';
import type { Channel } from './channel.ts';
import type { NotifierDeps, PagerdutySettings } from './settings.ts';
import { clipped, textOf } from './text.ts';

const publicAddress = 'https://events.pagerduty.com/v2/enqueue';

/** Messages of which is remembered what PagerDuty has of them. */
const rememberedMessages = 100;

/**
 * PagerDuty takes one event a request. What it has taken of a message is not sent again when the message is, as long as
 * this process lives; after that its `dedup_key` makes the same incident of it.
 * https://developer.pagerduty.com/docs/send-alert-event
 */
export function pagerdutyChannel(settings: PagerdutySettings, deps: NotifierDeps): Channel {
  const accepted = new Map<string, Set<string>>();

  function takenOf(id: string): Set<string> {
    const taken = accepted.get(id) ?? new Set();
    accepted.set(id, taken);
    const [oldest] = accepted.keys();
    if (accepted.size > rememberedMessages && oldest !== undefined) accepted.delete(oldest);
    return taken;
  }

  return {
    async send(message, at, signal) {
      const url = settings.url?.reveal() ?? publicAddress;
      const key = settings.routingKey.reveal();
      const taken = takenOf(message.id);
      let last: SendOutcome = { ...nothingSent };
      let refusal: SendOutcome | undefined;
      for (const { id, body } of eventsOf(message, key, deps.publicUrl)) {
        if (taken.has(id)) continue;
        last = await deps.post({ url, body, secrets: [key] }, at, signal);
        // The others would meet the same: a full queue, nobody there.
        if (last.result === 'retry') return last;
        if (last.result === 'delivered') taken.add(id);
        else refusal ??= last;
      }
      accepted.delete(message.id);
      return refusal ?? last;
    },
  };
}

const nothingSent: SendOutcome = {
  result: 'delivered',
  status: null,
  answer: 'PagerDuty has all of it; nothing was left to send',
  retryAfterMs: null,
};

/**
 * The events of a message, each with an id that is the same at every attempt. Heartbeats make no incident. A test is
 * triggered and resolved at once.
 */
export function eventsOf(
  message: AlertMessage,
  routingKey: string,
  publicUrl: string | null,
): readonly { readonly id: string; readonly body: string }[] {
  if (message.type === 'alert.heartbeat') return [];
  return message.alerts.flatMap((alert) => {
    const actions =
      message.type === 'alert.test'
        ? (['trigger', 'resolve'] as const)
        : ([isOver(alert) ? 'resolve' : 'trigger'] as const);
    return actions.map((action) => ({
      id: `${alert.fingerprint} ${action}`,
      body: JSON.stringify({
        routing_key: routingKey,
        event_action: action,
        dedup_key: alert.fingerprint,
        ...(action === 'trigger' && triggered(alert, message, publicUrl)),
      }),
    }));
  });
}

function triggered(alert: Alert, message: AlertMessage, publicUrl: string | null): object {
  const { headline, lines, links } = textOf(alert, message);
  return {
    client: 'Crossbill',
    ...(publicUrl !== null && { client_url: publicUrl }),
    links: links.map(({ title, url }) => ({ href: url, text: title })),
    payload: {
      summary: clipped(headline, 1_024),
      source: 'crossbill',
      severity: severityOf(alert.labels['severity']),
      timestamp: startsAt(alert),
      component: clipped(alert.name, 200),
      group: clipped(alert.group, 200),
      class: alert.kind,
      custom_details: {
        details: clipped(lines.join('\n'), 4_000),
        value: alert.value,
        threshold: alert.threshold,
        unit: alert.unit,
        certainty: alert.certainty,
        incomplete: alert.incomplete,
      },
    },
  };
}

const severities: ReadonlyMap<string, 'critical' | 'error' | 'info'> = new Map([
  ['page', 'critical'],
  ['critical', 'critical'],
  ['error', 'error'],
  ['high', 'error'],
  ['info', 'info'],
  ['low', 'info'],
  ['none', 'info'],
] as const);

/** PagerDuty knows four words; one of ours that it does not know is a warning. */
export function severityOf(label: string | undefined): 'critical' | 'error' | 'warning' | 'info' {
  return severities.get(label ?? '') ?? 'warning';
}
