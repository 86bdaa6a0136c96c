import type { Instant } from '../../agent/core/time.ts';
import { fraction } from './hash.ts';
import type { Lane, Request } from './lane.ts';

/** One recorded request on its way through a lane. `row` and `minuteIndex` (minutes since the epoch) pick its fate. */
export interface Arrival {
  readonly start: Instant;
  readonly row: number;
  readonly minuteIndex: number;
  readonly contextTokens: number;
  readonly generatedTokens: number;
}

/** Purposes of the dice thrown for one request, so that no two decisions hang together. 0 and 1 are the replay's. */
const dice = { status: 2, tier: 3, cacheHit: 4, cacheRead: 5, cacheWrite: 6, pace: 7 } as const;

/** A fraction in `[0, 1)` for one request and one purpose. */
export function draw(row: number, minuteIndex: number, purpose: number): number {
  return fraction(row * 8 + purpose, minuteIndex);
}

function statusOf(die: number): Request['status'] {
  if (die < 0.01) return 429;
  if (die < 0.015) return 400;
  return die < 0.018 ? 500 : 200;
}

/** Every tier, in the order in which they are drawn. */
export const tierOrder = ['standard', 'priority', 'flex', 'batch', 'provisioned'] as const;

function tierOf(tiers: Lane['tiers'], die: number): Request['tier'] {
  let left = die;
  let last: Request['tier'] = 'standard';
  for (const tier of tierOrder) {
    const share = tiers[tier] ?? 0;
    if (share === 0) continue;
    last = tier;
    left -= share;
    if (left < 0) break;
  }
  return last;
}

const cacheableTokens = 1024;
const openaiCacheStep = 128;

/** OpenAI's prompts are cached in steps of 128 tokens from 1,024 on; the other makers' callers mark what to keep. */
function cacheReadOf(lane: Lane, context: number, row: number, minuteIndex: number): number {
  if (lane.family === 'other' || context < cacheableTokens) return 0;
  if (draw(row, minuteIndex, dice.cacheHit) > 0.7) return 0;
  const size = draw(row, minuteIndex, dice.cacheRead);
  if (lane.family !== 'openai') return Math.floor(context * (0.5 + 0.45 * size));
  return Math.floor((context * (0.3 + 0.6 * size)) / openaiCacheStep) * openaiCacheStep;
}

/** Part of what was not read from the cache; nothing where nobody pays for writing. */
function cacheWriteOf(lane: Lane, left: number, row: number, minuteIndex: number): number {
  if (lane.family === 'other' || (lane.family === 'openai' && !lane.cacheMeters)) return 0;
  if (left < cacheableTokens / 2) return 0;
  const die = draw(row, minuteIndex, dice.cacheWrite);
  return die < 0.4 ? Math.floor(left * die * 2) : 0;
}

/** What becomes of a recorded request on a lane. Pure: the same arrival, the same request. */
export function serveRequest(lane: Lane, arrival: Arrival): Request {
  const { start, row, minuteIndex, contextTokens, generatedTokens: output } = arrival;
  const status = statusOf(draw(row, minuteIndex, dice.status));
  const tier = tierOf(lane.tiers, draw(row, minuteIndex, dice.tier));
  const pace = draw(row, minuteIndex, dice.pace);
  if (status !== 200) {
    const nothing = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, firstTokenMs: 0 };
    return { start, status, tier, latencyMs: 15 + Math.floor(pace * 80), ...nothing };
  }
  const cacheRead = cacheReadOf(lane, contextTokens, row, minuteIndex);
  const cacheWrite = cacheWriteOf(lane, contextTokens - cacheRead, row, minuteIndex);
  const input = contextTokens - cacheRead - cacheWrite;
  const firstTokenMs = Math.floor(160 + input * 0.05 + cacheRead * 0.004 + pace * pace * 700);
  const latencyMs = firstTokenMs + Math.floor(output * (8 + pace * 14));
  return { start, input, cacheRead, cacheWrite, output, status, tier, latencyMs, firstTokenMs };
}
