import { dayMs, hourMs, minuteMs, secondMs } from '../core/time.ts';

/** The length of a bucket in milliseconds; `total`: the whole range is one. */
export type Step = 60_000 | 300_000 | 3_600_000 | 86_400_000 | 'total';

/** Shortest first. */
const listed: readonly (readonly [string, Step])[] = [
  ['1m', 60_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['total', 'total'],
];

/** Shortest first. */
export const steps: readonly Step[] = listed.map(([, step]) => step);
/** Shortest first. */
export const stepNames: readonly string[] = listed.map(([name]) => name);

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: secondMs,
  m: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
};

/** `3600000` is written `1h`. */
export function stepName(step: Step): string {
  return listed.find(([, listedStep]) => listedStep === step)?.[0] ?? String(step);
}

/** The shortest step that is at least as long; a day for anything longer, so that a graph stays a graph. */
export function roundStep(ms: number): Step {
  return steps.find((step) => step !== 'total' && step >= ms) ?? dayMs;
}

/** How a step may be written. */
export const stepPattern = '^(?:total|[1-9][0-9]{0,14}(?:ms|[smhdw])?)$';
const wellFormed = new RegExp(stepPattern);

/** `1h`, `total`, or any length (`30s`, `15m`, `2h`, `500ms`, plain milliseconds), rounded up; else undefined. */
export function parseStep(text: string): Step | undefined {
  if (!wellFormed.test(text)) return undefined;
  if (text === 'total') return 'total';
  const [, count, unit = 'ms'] = /^(\d+)(\w*)$/.exec(text) ?? [];
  return roundStep(Number(count) * (unitMs[unit || 'ms'] ?? Number.NaN));
}
