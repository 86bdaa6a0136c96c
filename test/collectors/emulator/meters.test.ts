import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteMs, secondMs } from '../../../agent/core/time.ts';
import {
  meteredInput,
  quotaUsed,
  visible,
  visibleCount,
  visibleShare,
} from '../../../collectors/emulator/meters.ts';
import type { Request } from '../../../collectors/emulator/lane.ts';
import { laneOf } from './scripted-traffic.ts';

const end = Date.parse('2026-11-20T12:00:00Z');
const salt = fc.nat();

describe('a minute that has just ended', () => {
  it.each([
    ['is not there in the first minute', 59, 0, 0],
    ['is there after three, in part', 181, 0.6, 0.99],
    ['is whole after eight', 480, 1, 1],
    ['is whole for ever', 1e9, 1, 1],
  ])('%s', (_name, seconds, least, most) => {
    fc.assert(
      fc.property(salt, (n) => {
        const share = visibleShare(end, end + seconds * secondMs, n);
        expect(share).toBeGreaterThanOrEqual(least);
        expect(share).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('appears between one and three minutes after its end, each series in its own time', () => {
    const appears = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => {
      let seconds = 0;
      while (visibleShare(end, end + seconds * secondMs, n) === 0) seconds += 1;
      return seconds;
    });
    expect(Math.min(...appears)).toBeGreaterThanOrEqual(60);
    expect(Math.max(...appears)).toBeLessThanOrEqual(180);
    expect(new Set(appears).size).toBeGreaterThan(4);
  });

  it('only ever grows', () => {
    const ages = fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 600 }));
    fc.assert(
      fc.property(salt, ages, (n, [a, b]) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((s) => end + s * secondMs);
        const share = (now: number | undefined) => visibleShare(end, now ?? 0, n);
        expect(share(late)).toBeGreaterThanOrEqual(share(early));
      }),
    );
  });

  it('shows whole numbers, never more than came, and something as soon as it appears', () => {
    fc.assert(
      fc.property(salt, fc.nat({ max: 1e6 }), fc.nat({ max: 600 }), (n, count, seconds) => {
        const now = end + seconds * secondMs;
        const shown = visibleCount(count, end, now, n);
        expect(Number.isInteger(shown)).toBe(true);
        expect(shown).toBeLessThanOrEqual(count);
        expect(shown > 0).toBe(count > 0 && visibleShare(end, now, n) > 0);
        const amount = visible(count, end, now, n);
        expect(amount === undefined).toBe(visibleShare(end, now, n) === 0);
        expect(amount ?? 0).toBeLessThanOrEqual(count);
      }),
    );
    expect(visible(1234, end, end + 8 * minuteMs, 1)).toBe(1234);
  });
});

describe('a request on a meter', () => {
  const request: Request = {
    start: end,
    input: 100,
    cacheRead: 30,
    cacheWrite: 7,
    output: 10,
    status: 200,
    tier: 'standard',
    latencyMs: 1,
    firstTokenMs: 1,
  };

  it.each([
    ['of OpenAI counts cached tokens in', 'us-east-1/runtime/us.openai.gpt-5.6-sol', 137, 207],
    ['of Anthropic leaves them out', 'us-east-1/runtime/us.anthropic.claude-opus-4-7', 100, 157],
    ['of Nova leaves them out', 'us-east-1/runtime/amazon.nova-pro-v1:0', 100, 117],
    ['of Anthropic on Azure leaves them out', 'foundry-sweden/claude-sonnet-4-6', 100, 157],
    ['of another maker has none', 'us-west-2/runtime/moonshotai.kimi-k2.5', 137, 117],
  ])('%s', (_name, idEnd, input, quota) => {
    expect(meteredInput(laneOf(idEnd), request)).toBe(input);
    expect(quotaUsed(laneOf(idEnd), request)).toBe(quota);
  });
});
