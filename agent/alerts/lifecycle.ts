import type { AlertStep } from '../core/alert-store.ts';
import type { AlertEvent, Condition, Silence, TrackedAlert } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { identified } from './alert-identity.ts';
import { messagesOf } from './lifecycle-messages.ts';
import type { ToldAlert } from './lifecycle-messages.ts';
import { noted, still, onward } from './lifecycle-note.ts';
import { isActive } from './lifecycle-settings.ts';
import type { LifecycleSettings, LifecycleState, Turn } from './lifecycle-settings.ts';
import { toTell } from './lifecycle-tell.ts';
import { turnBy, turnWithout } from './lifecycle-turn.ts';
import { silencedBy } from './silence.ts';

/**
 * What an evaluation changes: each alert moves on by what its condition says, and what people were not told of it yet is put
 * into messages. Done a second time with the same, it changes nothing.
 */
export function step(
  { alerts, silences }: LifecycleState,
  conditions: readonly Condition[],
  now: Instant,
  settings: LifecycleSettings,
): AlertStep {
  const before = new Map(alerts.map((alert) => [alert.fingerprint, alert]));
  const named = identified(conditions);
  const changed: TrackedAlert[] = [];
  const events: AlertEvent[] = [];
  const told: ToldAlert[] = [];
  for (const fingerprint of new Set([...before.keys(), ...named.keys()].toSorted())) {
    const old = before.get(fingerprint);
    const turn = turnOf(old, fingerprint, named.get(fingerprint), now, settings);
    if (turn === undefined) continue;
    const quiet = onward(turn, (alert) => silenced(clamped(alert, now), silences, now));
    const type = toTell(quiet.alert, now, settings);
    const after = type === undefined ? quiet.alert : afterTelling(quiet.alert, now);
    if (type !== undefined) {
      told.push({ type, alert: { ...after, messages: quiet.alert.messages } });
    }
    events.push(...quiet.events);
    if (!isSame(old, after)) changed.push(after);
  }
  return { at: now, alerts: changed, events, messages: messagesOf(told, now, settings.publicUrl) };
}

function turnOf(
  old: TrackedAlert | undefined,
  fingerprint: string,
  condition: Condition | undefined,
  now: Instant,
  settings: LifecycleSettings,
): Turn | undefined {
  if (condition !== undefined) return turnBy(old, fingerprint, condition, now);
  return old === undefined ? undefined : turnWithout(old, now, settings);
}

/** A silence matters while there is something to keep quiet. */
function silenced(alert: TrackedAlert, silences: readonly Silence[], now: Instant): Turn {
  const matters = isActive(alert) || alert.told === 'firing';
  const ids = matters ? silencedBy(alert, silences, now) : [];
  const wasQuiet = alert.silencedBy.length > 0;
  const next = { ...alert, silencedBy: ids };
  if (!matters || wasQuiet === ids.length > 0) return still(next);
  return noted(
    next,
    now,
    wasQuiet ? 'No silence holds any more.' : `Silenced by ${ids.join(', ')}.`,
  );
}

/** Of a clock that was set back: what was said in the future was said now. Beats are made a second time, and as others. */
function clamped(alert: TrackedAlert, now: Instant): TrackedAlert {
  const { notifiedAt, kind, episode } = alert;
  if (notifiedAt === null || notifiedAt <= now) return alert;
  if (kind === 'heartbeat') return { ...alert, notifiedAt: null, episode: episode + 1 };
  return { ...alert, notifiedAt: now };
}

function afterTelling(alert: TrackedAlert, now: Instant): TrackedAlert {
  const { state } = alert;
  const told = state === 'resolved' || state === 'corrected' ? state : 'firing';
  return { ...alert, told, notifiedAt: now, messages: alert.messages + 1 };
}

function isSame(old: TrackedAlert | undefined, after: TrackedAlert): boolean {
  return old !== undefined && textOf(old) === textOf(after);
}

/** Whatever the order in which its fields and labels were put. */
function textOf(alert: TrackedAlert): string {
  return JSON.stringify(alert, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
