import { expect, test } from 'vitest';
import { runGiveBack } from '../../../agent/upkeep/give-back-loop.ts';
import { createRoom } from '../../../agent/upkeep/room.ts';
import { minuteMs } from '../../../agent/core/time.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';

const mega = 1024 * 1024;

function world() {
  const clock = createFakeClock(day0);
  const said: boolean[] = [];
  const memory = {
    heap: () => ({ taken: 30 * mega, used: 20 * mega }),
    giveBack() {},
    makeRoom: (isWanted: boolean) => void said.push(isWanted),
  };
  return { clock, memory, said, room: createRoom(clock, memory) };
}

test('an agent that nobody asks makes no room', () => {
  const { room, said } = world();
  room.look();
  expect(said).toEqual([]);
});

test('room is made at the first question, once, and given up ten minutes after the last', async () => {
  const { clock, room, said } = world();
  room.asked();
  room.asked();
  expect(said).toEqual([true]);
  await clock.advance(9 * minuteMs);
  room.look();
  room.asked();
  await clock.advance(10 * minuteMs - 1);
  room.look();
  expect(said).toEqual([true]);
  await clock.advance(1);
  room.look();
  room.look();
  expect(said).toEqual([true, false]);
  room.asked();
  expect(said).toEqual([true, false, true]);
});

test('the loop that gives memory back looks whether room is wanted any longer', async () => {
  const { clock, memory, room, said } = world();
  const stop = new AbortController();
  const done = runGiveBack({ clock, memory, room }, stop.signal);
  room.asked();
  await clock.advance(10 * minuteMs + 15_000);
  expect(said).toEqual([true, false]);
  stop.abort();
  await done;
});
