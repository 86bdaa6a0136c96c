import type { Alert, AlertUnit, Certainty } from '../../agent/core/alert.ts';
import { isoUtc } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';

/** A figure as a person says it: `$455`, `2.1B tokens`, `2.3%`, `35 min`, `1,240 ms`, `3.2×`. */
export function figureText(value: number, unit: AlertUnit): string {
  return texts[unit](value);
}

const texts: Readonly<Record<AlertUnit, (value: number) => string>> = {
  usd: dollars,
  tokens: (value) => `${short(value)} tokens`,
  ratio: (value) => `${rounded(value * 100, 1)}%`,
  seconds: duration,
  milliseconds: (value) =>
    Math.abs(value) < 10_000 ? `${rounded(value, 0)} ms` : `${rounded(value / 1_000, 1)} s`,
  factor: (value) => `${rounded(value, 1)}×`,
  count: (value) => rounded(value, 0),
};

const sure: Readonly<Record<Certainty, string>> = {
  provisional: 'provisional: some of it may still change at the cloud',
  settled: 'settled: nothing of it changes any more at the cloud',
  calibrated: 'calibrated by what bills taught',
  billed: 'from the bill',
};

/** How far the figures of an alert are to be believed. */
export function certaintyText(alert: Pick<Alert, 'certainty' | 'incomplete' | 'noData'>): string {
  return [
    sure[alert.certainty],
    ...(alert.incomplete ? ['incomplete: history is missing, so it is at least this much'] : []),
    ...(alert.noData ? ['no data at present: this is how it stood last'] : []),
  ].join('; ');
}

/** `now $455, threshold $450`, or how it stood last; undefined where there is no figure. */
export function standingText(
  alert: Pick<Alert, 'value' | 'threshold' | 'unit' | 'endedAt'>,
): string | undefined {
  const { value, threshold, unit, endedAt } = alert;
  if (value === null) return undefined;
  const limit = threshold === null ? '' : `, threshold ${figureText(threshold, unit)}`;
  return `${endedAt === null ? 'now' : 'last'} ${figureText(value, unit)}${limit}`;
}

/** `2026-11-23 09:40 UTC` */
export function momentText(at: Instant): string {
  return `${isoUtc(at).slice(0, 16).replace('T', ' ')} UTC`;
}

function dollars(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '-' : '';
  if (size >= 100) return `${sign}$${rounded(size, 0)}`;
  if (size >= 0.01 || size === 0) return `${sign}$${size.toFixed(2)}`;
  return `${sign}$${Number(size.toPrecision(2)).toFixed(9).replace(/0+$/, '')}`;
}

const scales = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

function short(value: number): string {
  const size = Math.abs(value);
  const [scale, letter] = scales.find(([least]) => size >= least) ?? [1, ''];
  return `${rounded(value / scale, 1)}${letter}`;
}

function duration(seconds: number): string {
  if (Math.abs(seconds) < 120) return `${rounded(seconds, 0)} s`;
  const minutes = Math.round(seconds / 60);
  if (Math.abs(minutes) < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return Math.abs(hours) < 48 ? `${hours} h` : `${rounded(hours / 24, 1)} days`;
}

function rounded(value: number, digits: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
