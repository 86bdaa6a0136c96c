import type { Condition, TrackedAlert } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { begun, fired, refreshed, returned } from './lifecycle-begin.ts';
import { ended, noted, still, onward } from './lifecycle-note.ts';
import { isActive } from './lifecycle-settings.ts';
import type { LifecycleSettings, Turn } from './lifecycle-settings.ts';

/** What becomes of an alert by what its condition says now. Undefined: there is none and none begins. */
export function turnBy(
  old: TrackedAlert | undefined,
  fingerprint: string,
  condition: Condition,
  now: Instant,
): Turn | undefined {
  if (old === undefined) {
    return condition.state === 'met' ? begun(old, fingerprint, condition, now) : undefined;
  }
  if (condition.state === 'no_data') return withoutData(old, now);
  const named = rearmedBy({ ...old, missingSince: null }, condition, now);
  if (!isActive(old)) {
    if (condition.state !== 'met') return named;
    return onward(named, (alert) =>
      alert.armed
        ? begun(alert, fingerprint, condition, now)
        : returned(refreshed(alert, condition), now),
    );
  }
  return onward(named, (alert) => continued(withData(alert, now), condition, now));
}

/** What becomes of an alert that no condition names any more. */
export function turnWithout(old: TrackedAlert, now: Instant, settings: LifecycleSettings): Turn {
  if (!isActive(old)) return still(old);
  if (!settings.isConfigured(old)) {
    const alert = { ...old, told: null };
    return ended(alert, 'inactive', now, 'It is in the configuration no more; nobody is told.');
  }
  if (old.state === 'pending') return calledOff(old, now, 'Nothing names it any more.');
  if (old.period !== null && now >= old.period.end) {
    const alert = { ...old, told: old.told === null ? null : ('resolved' as const) };
    return ended(alert, 'resolved', now, 'Its period is over; nobody is told.');
  }
  // A clock that was set back does not make it wait longer.
  const missingSince = Math.min(old.missingSince ?? now, now);
  const alert = { ...old, missingSince };
  if (now - missingSince < settings.goneMs) return still(alert);
  const state = old.period === null ? 'resolved' : 'corrected';
  return ended(alert, state, now, 'Nothing names it any more: its series is gone.');
}

/** A changed threshold is a changed budget: what fired may fire again. */
function rearmedBy(old: TrackedAlert, { threshold }: Condition, now: Instant): Turn {
  if (old.period === null || old.armed || threshold === null || threshold === old.threshold) {
    return still(old);
  }
  const alert = { ...old, threshold, armed: true };
  return noted(alert, now, `Its threshold changed from ${old.threshold} to ${threshold}.`);
}

function continued(turn: Turn, condition: Condition, now: Instant): Turn {
  return onward(turn, (seen) => {
    const alert = refreshed(seen, condition);
    const { state, near, dataUntil, forSeconds } = condition;
    if (alert.state === 'pending') {
      if (state !== 'met') return calledOff(alert, now, '');
      return dataUntil - alert.activeAt >= forSeconds * 1_000 ? fired(alert, now) : still(alert);
    }
    // Armed again while it fires and still above: that is told already, and firing it stays.
    if (state === 'met' || near) {
      return still(alert.period === null ? alert : { ...alert, armed: false });
    }
    if (alert.period === null) return ended(alert, 'resolved', now, '');
    if (alert.armed) return ended(alert, 'resolved', now, 'By the changed threshold it is over.');
    return ended(alert, 'corrected', now, 'Its figures are below the threshold again.');
  });
}

/** What never came to firing; unless people still take it to fire, because a silence kept its end from them. */
function calledOff(alert: TrackedAlert, now: Instant, note: string): Turn {
  if (alert.told !== 'firing') return ended(alert, 'inactive', now, note);
  return ended(alert, alert.period === null ? 'resolved' : 'corrected', now, note);
}

function withoutData(old: TrackedAlert, now: Instant): Turn {
  const alert = { ...old, missingSince: null };
  if (!isActive(old) || old.noData) return still(alert);
  return noted({ ...alert, noData: true }, now, 'There is no data; it stays what it was.');
}

function withData(old: TrackedAlert, now: Instant): Turn {
  return old.noData ? noted({ ...old, noData: false }, now, 'There is data again.') : still(old);
}
