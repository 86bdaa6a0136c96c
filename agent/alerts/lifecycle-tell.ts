import type { MessageType, TrackedAlert } from '../core/alert.ts';
import { secondMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import type { LifecycleSettings } from './lifecycle-settings.ts';

/** How often a heartbeat is sent that names no interval. */
const heartbeatMs = 3_600 * secondMs;

/**
 * What is to be told of an alert now; undefined: nothing. It is the difference between what it is and what people were told
 * that it is, so that what a silence held back is told when the silence is over, if it is still so.
 */
export function toTell(
  alert: TrackedAlert,
  now: Instant,
  { repeatMs }: Pick<LifecycleSettings, 'repeatMs'>,
): MessageType | undefined {
  const { state, told, notifiedAt } = alert;
  if (alert.silencedBy.length > 0) return undefined;
  if (alert.kind === 'heartbeat') return isBeatDue(alert, now) ? 'alert.heartbeat' : undefined;
  if (state === 'resolved' || state === 'corrected') {
    return told === 'firing' ? `alert.${state}` : undefined;
  }
  if (state !== 'firing') return undefined;
  if (told === null) return 'alert.firing';
  // Of a period people are told once; again only where the last they heard is that it is not so.
  if (told === 'firing' && (alert.period !== null || alert.acknowledged !== null)) return undefined;
  return notifiedAt !== null && now - notifiedAt >= repeatMs ? 'alert.repeated' : undefined;
}

/** By slots of the clock, so that several agents beat as one. */
function isBeatDue(alert: TrackedAlert, now: Instant): boolean {
  const { state, noData, missingSince, notifiedAt } = alert;
  if (state !== 'firing' || noData || missingSince !== null) return false;
  return notifiedAt === null || beatOf(alert, now) !== beatOf(alert, notifiedAt);
}

/** Which beat a heartbeat makes at that moment. */
export function beatOf({ threshold }: Pick<TrackedAlert, 'threshold'>, at: Instant): number {
  const everyMs = threshold === null ? heartbeatMs : threshold * secondMs;
  return Math.floor(at / Math.max(secondMs, everyMs));
}
