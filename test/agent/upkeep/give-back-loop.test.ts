import { expect, test } from 'vitest';
import { runGiveBack } from '../../../agent/upkeep/give-back-loop.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';

const mega = 1024 * 1024;
const lookMs = 15_000;

/** A heap that the test fills, and that gives back all but what is alive. */
function world() {
  const clock = createFakeClock(day0);
  const stop = new AbortController();
  const heap = { taken: 30 * mega, used: 20 * mega, alive: 20 * mega };
  let times = 0;
  const memory = {
    heap: () => ({ taken: heap.taken, used: heap.used }),
    makeRoom() {},
    giveBack() {
      times += 1;
      heap.used = heap.alive;
      heap.taken = heap.alive + mega;
    },
  };
  const done = runGiveBack({ clock, memory }, stop.signal);
  return { clock, stop, heap, done, times: () => times };
}

test('what the start has taken is given back at the first quiet look, and only once', async () => {
  const { clock, stop, heap, done, times } = world();
  await clock.advance(lookMs - 1);
  expect(times()).toBe(0);
  await clock.advance(1);
  expect(times()).toBe(1);
  expect(heap.taken).toBe(21 * mega);
  await clock.advance(100 * lookMs);
  expect(times(), 'a heap that has not grown is left alone').toBe(1);
  stop.abort();
  await done;
});

test('a process at work is not stopped; when it rests, all it has taken comes back', async () => {
  const { clock, stop, heap, done, times } = world();
  await clock.advance(lookMs);
  for (let look = 0; look < 20; look += 1) {
    heap.used = (look % 2 === 0 ? 60 : 35) * mega;
    heap.taken = 90 * mega;
    await clock.advance(lookMs);
  }
  expect(times(), 'garbage came and went between the looks').toBe(1);
  await clock.advance(lookMs);
  expect(times()).toBe(2);
  expect(heap.taken).toBe(21 * mega);
  stop.abort();
  await done;
});

test('a little that a poll leaves behind is given back, but not again within two minutes', async () => {
  const { clock, stop, heap, done, times } = world();
  await clock.advance(lookMs);
  heap.taken += 3 * mega;
  await clock.advance(7 * lookMs);
  expect(times()).toBe(1);
  await clock.advance(lookMs);
  expect(times()).toBe(2);
  heap.taken += 5 * mega;
  await clock.advance(lookMs);
  expect(times(), 'much is worth it at once').toBe(3);
  stop.abort();
  await done;
});

test('less than that, or as much as is alive, is not worth it', async () => {
  const { clock, stop, heap, done, times } = world();
  await clock.advance(lookMs);
  heap.taken += 1.9 * mega;
  await clock.advance(100 * lookMs);
  expect(times()).toBe(1);
  heap.alive = 80 * mega;
  heap.used = heap.alive;
  heap.taken = 90 * mega;
  await clock.advance(10 * lookMs);
  expect(times(), 'tried once, and then known to be what is needed').toBe(2);
  stop.abort();
  await done;
});

test('after the signal nothing is given back', async () => {
  const { clock, stop, done, times } = world();
  stop.abort();
  await done;
  await clock.advance(10 * lookMs);
  expect(times()).toBe(0);
});
