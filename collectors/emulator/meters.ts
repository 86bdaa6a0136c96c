import { minuteMs, secondMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { fraction } from './hash.ts';
import type { Lane, Request } from './lane.ts';

/** How the clouds publish a minute: not at once, at first in part, and whole only after a while. */
const firstSeenSeconds = { least: 60, most: 180 } as const;
const firstShare = 0.6;
export const wholeAfterMs = 8 * minuteMs;

/**
 * The share of a minute's datums that a cloud shows at `now`, 0 to 1: 0 until one to three minutes after its end, then
 * from 0.6 on in a straight line to 1 at eight minutes. Never falls as `now` moves on. `salt` (a series' number) lets
 * the meters of one traffic run ahead of each other, as they do.
 */
export function visibleShare(minuteEnd: Instant, now: Instant, salt: number): number {
  const age = now - minuteEnd;
  if (age >= wholeAfterMs) return 1;
  const spread = firstSeenSeconds.most - firstSeenSeconds.least;
  const appears =
    firstSeenSeconds.least + spread * fraction(salt, Math.floor(minuteEnd / minuteMs));
  const appearsMs = appears * secondMs;
  if (age < appearsMs) return 0;
  return firstShare + ((1 - firstShare) * (age - appearsMs)) / (wholeAfterMs - appearsMs);
}

/**
 * How many of a minute's `count` datums are shown at `now`, in order of arrival. Statistics over just those fit
 * together: sum, count, least and greatest are all of the same requests.
 */
export function visibleCount(
  count: number,
  minuteEnd: Instant,
  now: Instant,
  salt: number,
): number {
  return Math.ceil(count * visibleShare(minuteEnd, now, salt));
}

/** How much of a whole amount is shown at `now`; undefined while nothing is. */
export function visible(
  value: number,
  minuteEnd: Instant,
  now: Instant,
  salt: number,
): number | undefined {
  const share = visibleShare(minuteEnd, now, salt);
  return share === 0 ? undefined : Math.floor(value * share);
}

/** Whether the family's input meter counts the cached tokens too. Where it does not, they come on top. */
function inputIncludesCached(family: Lane['family']): boolean {
  return family === 'openai' || family === 'other';
}

/** Tokens that a request adds to the cloud's input meter. */
export function meteredInput(lane: Lane, request: Request): number {
  return inputIncludesCached(lane.family)
    ? request.input + request.cacheRead + request.cacheWrite
    : request.input;
}

/**
 * Tokens of a quota that a request uses up on Bedrock: reading the cache is free, output weighs more on some models.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html
 */
export function quotaUsed(lane: Lane, request: Request): number {
  const frontier = lane.model.startsWith('openai/gpt-5');
  const outputRate = frontier ? 10 : lane.family === 'anthropic' ? 5 : 1;
  return request.input + request.cacheWrite + request.output * outputRate;
}
