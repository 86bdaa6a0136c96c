import { parseDuration } from '../config/durations.ts';
import type { Instant } from '../core/time.ts';
import { dayMs, floorTo, secondMs } from '../core/time.ts';
import { parseInstant } from '../query/instant.ts';
import { WrongUseError } from './wrong-use.ts';

/**
 * `now`, `today` and `yesterday` (their UTC midnights), `-24h` or `24h ago`, ISO 8601 or epoch milliseconds.
 * Throws a WrongUseError that names the option.
 */
export function parseWhen(text: string, now: Instant, option: '--from' | '--to' | '--at'): Instant {
  const word = text.trim().toLowerCase();
  if (word === 'now') return now;
  if (word === 'today') return floorTo(now, dayMs);
  if (word === 'yesterday') return floorTo(now, dayMs) - dayMs;
  const [, signed, spoken] = /^(?:-(\S+)|(\S+) +ago)$/.exec(word) ?? [];
  const seconds = parseDuration(signed ?? spoken ?? '');
  if (seconds !== undefined) return now - seconds * secondMs;
  const parsed = parseInstant(text);
  if (parsed.ok) return parsed.instant;
  const problem = parsed.problem.replace('not a time; ', '');
  throw new WrongUseError(
    `${option}: ${JSON.stringify(text)} is no time: ${problem}, or today, yesterday, -24h, 7d ago`,
  );
}
