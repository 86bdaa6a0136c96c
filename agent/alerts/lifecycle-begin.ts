import type { Condition, TrackedAlert } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { still, onward, to } from './lifecycle-note.ts';
import type { Turn } from './lifecycle-settings.ts';

/** A condition that is met and was not: pending, or firing at once where it need not last. */
export function begun(
  old: TrackedAlert | undefined,
  fingerprint: string,
  condition: Condition,
  now: Instant,
): Turn {
  const alert: TrackedAlert = {
    ...figuresOf(condition),
    fingerprint,
    group: condition.group,
    state: old?.state ?? 'inactive',
    activeAt: condition.dataUntil,
    firedAt: null,
    endedAt: null,
    noData: false,
    period: condition.period,
    acknowledged: null,
    silencedBy: old?.silencedBy ?? [],
    notifiedAt: old?.notifiedAt ?? null,
    // Who was never told that it was over need not be told that it is not.
    told: old?.told === 'firing' ? 'firing' : null,
    ...episodeOf(old, condition),
    armed: true,
    missingSince: null,
  };
  return condition.forSeconds > 0 ? to(alert, 'pending', now, '') : fired(alert, now);
}

export function fired(alert: TrackedAlert, now: Instant): Turn {
  return to({ ...alert, firedAt: now, armed: alert.period === null }, 'firing', now, '');
}

/** Above the threshold again in a period in which it fired: firing, and nobody is called a second time. */
export function returned(alert: TrackedAlert, now: Instant): Turn {
  const note = 'It crossed again in the same period; it is the same alert as before.';
  return to({ ...alert, endedAt: null }, 'firing', now, note);
}

/** What is told of it now. Its group stays, for messages of one group keep their order. */
export function refreshed(alert: TrackedAlert, condition: Condition): TrackedAlert {
  return { ...alert, ...figuresOf(condition) };
}

function figuresOf(condition: Condition) {
  return {
    key: condition.key,
    name: condition.name,
    kind: condition.kind,
    labels: condition.labels,
    annotations: condition.annotations,
    value: condition.value,
    threshold: condition.threshold,
    unit: condition.unit,
    certainty: condition.certainty,
    incomplete: condition.incomplete,
    dataUntil: condition.dataUntil,
    notify: condition.notify,
  };
}

/**
 * The messages of a period are counted through it, those of a rule from each time on; a heartbeat is the same whichever
 * agent sends it.
 */
function episodeOf(old: TrackedAlert | undefined, { period, kind, dataUntil }: Condition) {
  if (period !== null) return { episode: period.start, messages: old?.messages ?? 0 };
  if (kind === 'heartbeat') return { episode: old?.episode ?? 0, messages: old?.messages ?? 0 };
  return { episode: Math.max(dataUntil, (old?.episode ?? -Infinity) + 1), messages: 0 };
}

/** May fire anew in its period, as if it never had. */
export function rearmed(alert: TrackedAlert, now: Instant, note: string): Turn {
  const fresh = { ...alert, armed: true, told: null };
  if (fresh.state === 'inactive') return still(fresh);
  return onward(still({ ...fresh, endedAt: now, acknowledged: null }), (one) =>
    to(one, 'inactive', now, note),
  );
}
