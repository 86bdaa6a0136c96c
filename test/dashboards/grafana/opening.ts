import { dayMs, floorTo, hourMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';

const lengths: Readonly<Record<string, number>> = { h: hourMs, d: dayMs };

/**
 * The moment that the start of a range means, as Grafana reads it in UTC: `now/M`, `now-7d`, `now-7d/h`, the last of which is
 * the start of the hour it falls into.
 */
export function openingAt(text: string, now: Instant): Instant {
  const parts = /^now(?:-(\d+)([dh]))?(?:\/([hdM]))?$/.exec(text);
  if (parts === null) throw new Error(`no start ${text}`);
  const [, count = '0', unit = 'd', whole] = parts;
  const from = now - Number(count) * (lengths[unit] ?? dayMs);
  if (whole === undefined) return from;
  const date = new Date(from);
  if (whole === 'M') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  return floorTo(from, lengths[whole] ?? dayMs);
}
