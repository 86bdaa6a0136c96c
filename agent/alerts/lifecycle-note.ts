import type { AlertState, TrackedAlert } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import type { Turn } from './lifecycle-settings.ts';

/** Over, in whichever way the state says. */
export function ended(old: TrackedAlert, state: AlertState, now: Instant, note: string): Turn {
  const alert = { ...old, endedAt: now, acknowledged: null, missingSince: null, noData: false };
  return to(alert, state, now, note);
}

/** Written down as a change of state, or as a remark where the state stays. */
export function to(old: TrackedAlert, state: AlertState, now: Instant, note: string): Turn {
  const { fingerprint, value } = old;
  const event = { fingerprint, at: now, from: old.state, to: state, value, note };
  return { alert: { ...old, state }, events: [event] };
}

export function noted(alert: TrackedAlert, now: Instant, note: string): Turn {
  return to(alert, alert.state, now, note);
}

export function still(alert: TrackedAlert): Turn {
  return { alert, events: [] };
}

/** One change after the other, with what is written down of both. */
export function onward(first: Turn, next: (alert: TrackedAlert) => Turn): Turn {
  const second = next(first.alert);
  return { alert: second.alert, events: [...first.events, ...second.events] };
}
