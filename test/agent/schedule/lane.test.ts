import { expect, it } from 'vitest';
import type { RateLimit } from '../../../agent/core/api-call.ts';
import { secondMs } from '../../../agent/core/time.ts';
import { createLane } from '../../../agent/schedule/lane.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const limit: RateLimit = {
  name: 'reads',
  burst: 3,
  perSecond: 2,
  points: { burst: 100, perSecond: 50 },
  atOnce: 10,
  source: 'https://example.com',
};
const { signal } = new AbortController();

/** A lane, and when each that entered it was let go, in seconds. */
function lane(change: Partial<RateLimit> = {}) {
  const clock = createFakeClock(0);
  const tried = createLane({ ...limit, ...change }, clock);
  const gone: string[] = [];
  const ends: (() => void)[] = [];
  const enter = (name: string, points = 0, until = signal) =>
    tried.enter(points, until).then(
      (end) => {
        ends.push(end);
        return gone.push(`${name} ${clock.now() / secondMs}`);
      },
      () => gone.push(`${name} gave up ${clock.now() / secondMs}`),
    );
  return { clock, enter, gone, ends };
}

it('lets a burst go at once and the rest at its rate, in the order in which they came', async () => {
  const { clock, enter, gone } = lane();
  for (const name of 'abcdef') void enter(name);
  await clock.advance(2 * secondMs);
  expect(gone).toEqual(['a 0', 'b 0', 'c 0', 'd 0.5', 'e 1', 'f 1.5']);
});

it('counts points beside calls, and does not let small calls pass a large one by', async () => {
  const { clock, enter, gone } = lane();
  void enter('a', 100);
  void enter('b', 80);
  void enter('c', 10);
  await clock.advance(3 * secondMs);
  expect(gone).toEqual(['a 0', 'b 1.6', 'c 1.8']);
});

it('has no more calls under way than it may, and goes on when one ends', async () => {
  const { clock, enter, gone, ends } = lane({ atOnce: 2 });
  for (const name of 'abc') void enter(name);
  await clock.advance(10 * secondMs);
  expect(gone).toEqual(['a 0', 'b 0']);
  ends[0]?.();
  ends[0]?.();
  void enter('d');
  await clock.advance(secondMs);
  expect(gone).toEqual(['a 0', 'b 0', 'c 10']);
  ends[1]?.();
  await clock.settle();
  expect(gone.at(-1)).toBe('d 11');
});

it('whoever gives up in the queue or at its head holds nobody up and leaves no sleeper', async () => {
  const { clock, enter, gone } = lane({ burst: 1, perSecond: 1 });
  const head = new AbortController();
  const queued = new AbortController();
  void enter('a');
  void enter('b', 0, head.signal);
  void enter('c', 0, queued.signal);
  void enter('d');
  await clock.settle();
  queued.abort();
  head.abort();
  await clock.settle();
  await clock.advance(secondMs);
  expect(gone).toEqual(['a 0', 'b gave up 0', 'c gave up 0', 'd 1']);
  expect(clock.sleepers()).toEqual([]);
});
