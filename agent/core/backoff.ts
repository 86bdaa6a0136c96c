import type { ExternalError } from './errors.ts';

export interface BackoffSettings {
  readonly firstMs: number;
  readonly mostMs: number;
}

export const defaultBackoff: BackoffSettings = { firstMs: 5_000, mostMs: 15 * 60_000 };

/**
 * How long to wait after the `failures`-th failure in a row: full jitter under a doubling bound, never less than the
 * other side asked for. What needs a person (denied) waits at least half the bound's end.
 * @param random in [0, 1)
 */
export function backoffMs(
  error: ExternalError,
  failures: number,
  random: number,
  settings: BackoffSettings = defaultBackoff,
): number {
  const bound = Math.min(settings.mostMs, settings.firstMs * 2 ** Math.max(0, failures - 1));
  const jittered = Math.ceil(bound * random);
  const least = error.retryable ? Math.min(1_000, settings.firstMs) : settings.mostMs / 2;
  return Math.max(jittered, least, error.retryAfterMs ?? 0);
}
