/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number;

/** A half-open span `[start, end)` of UTC milliseconds. */
export interface Window {
  readonly start: Instant;
  readonly end: Instant;
}

/** The only source of time. Every loop takes one, so tests drive it by hand. */
export interface Clock {
  now(): Instant;
  /** Resolves after `ms` milliseconds of this clock, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** The last multiple of `stepMs` at or before `instant`. Epoch-aligned, so days are UTC days. */
export function floorTo(instant: Instant, stepMs: number): Instant {
  return Math.floor(instant / stepMs) * stepMs;
}

/** The first multiple of `stepMs` at or after `instant`. */
export function ceilTo(instant: Instant, stepMs: number): Instant {
  return Math.ceil(instant / stepMs) * stepMs;
}

export function isoUtc(instant: Instant): string {
  return new Date(instant).toISOString();
}
