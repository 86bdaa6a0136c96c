import type { Labels } from '../../core/cloud.ts';
import { dayMs, floorTo, isoUtc } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { englishNumbers } from '../english-numbers.ts';
import { wholeText } from '../whole-text.ts';

const oneDigit = englishNumbers({ maximumFractionDigits: 1 });

/** `12,400` */
export function countText(value: number): string {
  if (Number.isInteger(value) && value >= 0 && value < 1_000) return String(value);
  return wholeText(value);
}

/** `4.2%` */
export function percentText(ratio: number): string {
  return `${oneDigit(ratio * 100)}%`;
}

/** `3.4×` */
export function timesText(factor: number): string {
  return `${oneDigit(factor)}×`;
}

/** `$455`, `$4.50`, `$0.012` */
export function usdText(usd: number): string {
  const size = Math.abs(usd);
  const sign = usd < 0 ? '-' : '';
  if (size >= 100) return `${sign}$${wholeText(size)}`;
  if (size >= 0.1 || size === 0) return `${sign}$${size.toFixed(2)}`;
  return `${sign}$${Number(size.toPrecision(2))}`;
}

/** `90 s`, `35 min`, `5 h`, `3 days` */
export function spanText(seconds: number): string {
  if (seconds < 120) return `${wholeText(seconds)} s`;
  if (seconds < 7_200) return `${wholeText(seconds / 60)} min`;
  if (seconds < 172_800) return `${wholeText(seconds / 3_600)} h`;
  return `${wholeText(seconds / 86_400)} days`;
}

/** `09:40`, or `2026-11-22 09:40` of another UTC day than `now`. */
export function timeText(at: Instant, now: Instant): string {
  const text = isoUtc(at).slice(0, 16);
  return floorTo(at, dayMs) === floorTo(now, dayMs) ? text.slice(11) : text.replace('T', ' ');
}

/** `openai/gpt-5.4, us-east-1`; what holds for everything is `all traffic`. */
export function seriesText(series: Labels): string {
  const values = Object.values(series);
  return values.length === 0 ? 'all traffic' : values.join(', ');
}

/** `1 target`, `3 targets` */
export function plural(count: number, word: string): string {
  return `${countText(count)} ${word}${count === 1 ? '' : 's'}`;
}
