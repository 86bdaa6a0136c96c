import { createHash } from 'node:crypto';
import type { Alert, AlertMessage, MessageType, TrackedAlert } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { beatOf } from './lifecycle-tell.ts';

/** An alert that is told of, as it was counted before: the message is its `messages`-th. */
export interface ToldAlert {
  readonly alert: TrackedAlert;
  readonly type: MessageType;
}

interface MessagePart {
  readonly type: MessageType;
  readonly notifier: string;
  readonly group: string;
  readonly name: string;
  readonly alerts: TrackedAlert[];
}

/** One message for each group, type and notifier, with all alerts of the group that it is about. */
export function messagesOf(
  told: readonly ToldAlert[],
  at: Instant,
  publicUrl: string | null,
): readonly AlertMessage[] {
  const parts = new Map<string, MessagePart>();
  for (const { alert, type } of told) {
    for (const notifier of new Set(alert.notify)) {
      const key = JSON.stringify([alert.group, type, notifier]);
      const { group, name } = alert;
      const part = parts.get(key) ?? { type, notifier, group, name, alerts: [] };
      part.alerts.push(alert);
      parts.set(key, part);
    }
  }
  return [...parts.values()].map((part) => {
    const { type, notifier, group, name, alerts } = part;
    return {
      id: idOf(part, at),
      type,
      group,
      notifier,
      at,
      alerts: alerts.map(shown),
      link: publicUrl && `${publicUrl}/api/v1/alerts?name=${encodeURIComponent(name)}`,
    };
  });
}

/** Of what it says, not of when it is said: equal over retries, restarts and agents that read the same. */
function idOf({ type, notifier, group, alerts }: MessagePart, at: Instant): string {
  const about = alerts.map((alert) => [
    alert.fingerprint,
    alert.state,
    alert.episode,
    type === 'alert.heartbeat' ? beatOf(alert, at) : alert.messages,
  ]);
  const text = JSON.stringify([group, notifier, type, about]);
  return `msg_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

function shown(tracked: TrackedAlert): Alert {
  const { told: _told, episode: _episode, messages: _messages, ...rest } = tracked;
  const { armed: _armed, missingSince: _missing, ...alert } = rest;
  return alert;
}
