import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../../agent/core/clock.ts';

const start = Date.UTC(2026, 10, 20, 12);
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

/** Whether a promise is done once all promises before it are. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

describe('the time', () => {
  it.each([
    ['is the machine’s where nothing else is said', undefined, undefined, 5_000, start + 5_000],
    ['runs 60 times as fast from now on', 60, undefined, 1_000, start + 60_000],
    ['runs from another start on', 1, start - 3_600_000, 1_000, start + 1_000],
    ['had run fast already since an hour ago', 2, start - 3_600_000, 0, start + 3_600_000],
    [
      'stands at the start that lies ahead until the machine is there',
      2,
      start + 500,
      500,
      start + 500,
    ],
  ])('%s', (_what, speed, since, passed, expected) => {
    const clock = createClock(Date.now, speed, since);
    vi.advanceTimersByTime(passed);
    expect(clock.now()).toBe(expected);
  });

  it('is the same in two processes given the same figures at different moments', () => {
    const first = createClock(Date.now, 30, start);
    vi.advanceTimersByTime(1_234);
    const second = createClock(Date.now, 30, start);
    vi.advanceTimersByTime(4_321);
    expect(second.now()).toBe(first.now());
  });
});

describe('sleep', () => {
  it.each([
    ['as long as asked', 1, 1_000],
    ['a sixtieth of it where the clock runs 60 times as fast', 60, 60_000],
  ])('lasts %s', async (_what, speed, ms) => {
    const slept = createClock(Date.now, speed).sleep(ms, never);
    await vi.advanceTimersByTimeAsync(999);
    expect(await isDone(slept)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isDone(slept)).toBe(true);
  });

  it('does not end at once where it is longer than a timer can be', async () => {
    const slept = createClock(Date.now).sleep(400 * 86_400_000, never);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(await isDone(slept)).toBe(false);
  });

  it('ends at once, without rejecting, when the signal aborts', async () => {
    const stop = new AbortController();
    const slept = createClock(Date.now).sleep(60_000, stop.signal);
    expect(await isDone(slept)).toBe(false);
    stop.abort(new Error('stopped'));
    await expect(slept).resolves.toBeUndefined();
  });

  it('does not begin under a signal that has aborted', async () => {
    await expect(
      createClock(Date.now).sleep(60_000, AbortSignal.abort(new Error('stopped'))),
    ).resolves.toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves neither listener nor timer behind, slept out or stopped', async () => {
    const stop = new AbortController();
    const clock = createClock(Date.now);
    const first = clock.sleep(10, stop.signal);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10);
    await first;
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    const second = clock.sleep(60_000, stop.signal);
    stop.abort();
    await second;
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
