import type { Target } from '../core/collector.ts';
import type { Instant } from '../core/time.ts';
import { ceilTo, dayMs, floorTo, hourMs, minuteMs, secondMs } from '../core/time.ts';
import type { DueSettings, DueWindow } from './due.ts';
import { headOf, recentWindow } from './due.ts';
import { cutByUnits } from './pieces.ts';

export interface RereadSettings extends DueSettings {
  /** How often the last day is read again for what the cloud restated. Seconds; absent: six hours. */
  readonly rereadSeconds?: number;
}

const defaultRereadSeconds = 6 * 3_600;
/** What is about to be aged away is not read anew. */
const keptMarginMs = 10 * minuteMs;

export function rereadMsOf(settings: RereadSettings): number {
  return (settings.rereadSeconds ?? defaultRereadSeconds) * secondMs;
}

/**
 * When the last day of a target is next read again: at a moment of its own within the cycle, so that many targets do
 * not come together, and not before half a cycle has gone since the last time.
 * @param last when it was last read again, or first read at all
 */
export function rereadAfter(target: Target, last: Instant, settings: RereadSettings): Instant {
  const cycleMs = rereadMsOf(settings);
  const phaseMs = Math.floor(shareOf(target.id) * cycleMs);
  const earliest = last + cycleMs / 2;
  const slot = floorTo(earliest - phaseMs, cycleMs) + phaseMs;
  return slot >= earliest ? slot : slot + cycleMs;
}

/**
 * The last day behind the overlap and one cycle more, so that what is restated of the last day is found whenever in the
 * cycle that happens; every unit, settled or not, as far as the ledger still keeps its minutes. Cut by units
 * and never by time: a cloud that bills metrics bills each of them once, as for one poll.
 */
export function rereadWindows(
  target: Target,
  now: Instant,
  settings: RereadSettings,
): readonly DueWindow[] {
  const { start: end } = recentWindow(target, now, settings).window;
  const kept = ceilTo(now - settings.minuteRetentionSeconds * secondMs + keptMarginMs, hourMs);
  const start = Math.max(headOf(now) - dayMs - rereadMsOf(settings), kept);
  if (start >= end || target.units.length === 0) return [];
  return cutByUnits(target, {
    window: { start, end },
    periodSeconds: minuteMs / secondMs,
    units: target.units,
  });
}

/** A number in [0, 1) that is always the same for a text and spreads texts evenly. FNV-1a, 32 bits. */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  // The last letters of a name move the low bits only, unless they are spread once more.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
