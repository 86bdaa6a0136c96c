import { afterEach, expect, test } from 'vitest';
import type { SendOutcome } from '../../../agent/core/alert.ts';
import { scheduleMs } from '../../../agent/alerts/retry-schedule.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { alertsNow as now } from '../../support/alert-samples.ts';
import { memoryOutbox } from '../../support/memory-outbox.ts';
import { busy, deliveryWorld, gone, message, ok, refused } from './delivery-world.ts';
import type { DeliveryWorld, Receiver } from './delivery-world.ts';

let world: DeliveryWorld | undefined;
afterEach(() => world?.stop());

function started(...args: Parameters<typeof deliveryWorld>): DeliveryWorld {
  world = deliveryWorld(...args);
  world.start();
  return world;
}

const idsTo = ({ sent }: DeliveryWorld, to = 'hook') =>
  sent.filter((one) => one.to === to).map((one) => one.message.id);

test('a message leaves in the moment it is put in, and its answer is written down', async () => {
  const { clock, put, sent, outbox } = started({ hook: () => ok });
  await clock.advance(hourMs / 2);
  put(message('a'));
  await clock.settle();
  expect(sent.map((one) => one.at)).toEqual([now + hourMs / 2]);
  expect(await outbox.deliveries({ limit: 5 })).toMatchObject([
    { state: 'delivered', attempts: 1, deliveredAt: now + hourMs / 2, lastStatus: 200 },
  ]);
});

test('a receiver that never answers well is asked by the schedule, three days long, and then no more', async () => {
  const { clock, put, sent, outbox } = started({ hook: () => busy });
  put(message('a'));
  await clock.advance(10 * 24 * hourMs);
  const waits = sent.map(({ at }, index) => at - (sent[index - 1]?.at ?? now));
  expect(waits).toEqual(scheduleMs);
  expect(await outbox.deliveries({ limit: 5 })).toMatchObject([
    { state: 'dead', attempts: 10, lastStatus: 503, lastAnswer: 'no' },
  ]);
});

test.each([
  ['refused', refused],
  ['gone', gone],
])('what is %s is given up at once', async (_, outcome) => {
  const { clock, put, sent, outbox } = started({ hook: () => outcome });
  put(message('a'));
  await clock.advance(24 * hourMs);
  expect(sent).toHaveLength(1);
  expect(await outbox.deliveries({ state: 'dead', limit: 5 })).toMatchObject([
    { attempts: 1, lastStatus: outcome.status },
  ]);
});

test('a given-up message is sent again by hand, with the id it had', async () => {
  let outcome: SendOutcome = refused;
  const one = started({ hook: () => outcome });
  one.put(message('a'));
  await one.clock.settle();
  outcome = ok;
  const [dead] = await one.outbox.deliveries({ limit: 1 });
  one.outbox.retryDelivery(dead?.id ?? '', one.clock.now());
  one.loop.wake();
  await one.clock.settle();
  expect(idsTo(one)).toEqual(['a', 'a']);
});

test('in a group the next goes only after the one before, in another group at once', async () => {
  let outcome: SendOutcome = busy;
  const one = started({ hook: ({ group }) => (group === 'g' ? outcome : ok) });
  one.put(message('a'), message('b'), message('c', 'other'));
  await one.clock.settle();
  expect(idsTo(one)).toEqual(['a', 'c']);
  outcome = ok;
  await one.clock.advance(6_000);
  expect(idsTo(one)).toEqual(['a', 'c', 'a', 'b']);
});

test('a receiver that hangs holds up no other', async () => {
  const hang: Receiver = (_message, _at, signal) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(busy), { once: true });
    });
  const one = started({ slow: hang, hook: () => ok });
  for (let group = 0; group < 100; group += 1) one.put(message(`s${group}`, `g${group}`, 'slow'));
  one.put(message('a'));
  await one.clock.settle();
  expect(idsTo(one, 'slow'), 'no more than four at a time').toHaveLength(4);
  expect(idsTo(one)).toEqual(['a']);
});

test('a receiver that is down is asked for one message for all, and once it answers nothing waits longer', async () => {
  let outcome: SendOutcome = busy;
  const one = started({ hook: () => outcome });
  for (let group = 0; group < 50; group += 1) one.put(message(`m${group}`, `g${group}`));
  await one.clock.advance(hourMs);
  const tried = one.sent.length;
  expect(tried, 'fifty messages by the schedule were 200 attempts').toBeLessThan(25);
  outcome = ok;
  await one.clock.advance(10 * minuteMs);
  expect(await one.outbox.deliveries({ state: 'delivered', limit: 100 })).toHaveLength(50);
});

test('patience that a receiver asks for is kept by all its messages, up to an hour', async () => {
  const patience = { ...busy, retryAfterMs: 90_000 };
  const one = started({ hook: ({ id }, at) => (id === 'a' && at === now ? patience : ok) });
  one.put(message('a'));
  await one.clock.settle();
  one.put(message('b', 'other'));
  await one.clock.advance(89_999);
  expect(idsTo(one)).toEqual(['a']);
  await one.clock.advance(1);
  expect(idsTo(one)).toEqual(['a', 'a', 'b']);
});

test('a receiver that is not reached is told of by another one, once, and again when it is reached', async () => {
  let outcome: SendOutcome = busy;
  const one = started({ hook: () => outcome, chat: () => ok });
  one.put(message('a'), message('b', 'other'));
  await one.clock.advance(12 * hourMs);
  const told = () => one.sent.filter(({ to }) => to === 'chat').map(({ message: its }) => its);
  expect(told()).toMatchObject([
    {
      type: 'alert.firing',
      alerts: [
        {
          state: 'firing',
          labels: { alertname: 'delivery_failing', notifier: 'hook' },
          annotations: {
            summary: expect.stringMatching(/do not reach hook \(webhook\)/),
            description: expect.stringMatching(/503 no/),
          },
        },
      ],
    },
  ]);
  outcome = ok;
  await one.clock.advance(12 * hourMs);
  expect(told().map(({ type }) => type)).toEqual(['alert.firing', 'alert.resolved']);
});

test('a short failure is told to nobody', async () => {
  const one = started({ hook: (_message, at) => (at < now + 10_000 ? busy : ok), chat: () => ok });
  one.put(message('a'));
  await one.clock.advance(24 * hourMs);
  expect(one.sent.filter(({ to }) => to === 'chat')).toEqual([]);
});

test('receivers that are all away tell each other once, not in circles', async () => {
  const one = started({ a: () => busy, b: () => busy, c: () => busy });
  one.put(message('x', 'g', 'a'), message('y', 'g', 'b'), message('z', 'g', 'c'));
  await one.clock.advance(5 * 24 * hourMs);
  expect((await one.outbox.deliveries({ limit: 1_000 })).length).toBeLessThan(10);
});

test('a restart in the middle of an outage tells nobody a second time, and tells the end of it', async () => {
  const outbox = memoryOutbox();
  const first = started({ hook: () => busy, chat: () => ok }, { outbox });
  first.put(message('a'));
  await first.clock.advance(hourMs);
  await first.stop();
  const second = started({ hook: () => ok, chat: () => ok }, { outbox });
  await second.clock.advance(12 * hourMs);
  const types = [...first.sent, ...second.sent]
    .filter(({ to }) => to === 'chat')
    .map(({ message: its }) => its.type);
  expect(types).toEqual(['alert.firing', 'alert.resolved']);
});

test('a receiver that was reached again before a restart is told of others after it', async () => {
  const outbox = memoryOutbox();
  let outcome: SendOutcome = refused;
  const first = started({ hook: () => outcome, chat: () => ok }, { outbox });
  first.put(message('a'));
  await first.clock.advance(minuteMs);
  outcome = ok;
  first.put(message('b'));
  await first.clock.advance(minuteMs);
  await first.stop();
  const second = started({ hook: () => ok, chat: () => refused }, { outbox });
  second.put(message('c', 'g', 'chat'));
  await second.clock.advance(minuteMs);
  expect(second.sent.map(({ to }) => to)).toEqual(['chat', 'hook']);
});

test('what waits for a notifier that is configured no more is given up with what to do', async () => {
  const one = started({ hook: () => ok });
  one.put(message('a', 'g', 'former'));
  await one.clock.settle();
  expect(await one.outbox.deliveries({ limit: 1 })).toMatchObject([
    { state: 'dead', attempts: 0, lastAnswer: expect.stringMatching(/called former any more/) },
  ]);
});

test('an attempt that our own stop cuts short is not held against the receiver', async () => {
  const one = started({
    hook: (_message, _at, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(busy))),
  });
  one.put(message('a'));
  await one.clock.settle();
  await one.stop();
  expect(await one.outbox.deliveries({ limit: 1 })).toMatchObject([
    { state: 'waiting', attempts: 0 },
  ]);
});

test('while nothing can be written down nothing is sent again, and it is said once', async () => {
  const outbox = memoryOutbox();
  let full = true;
  const one = started(
    { hook: () => ok },
    {
      outbox: {
        ...outbox,
        recordAttempt(delivery) {
          if (full) throw new Error('the disk is full');
          outbox.recordAttempt(delivery);
        },
      },
    },
  );
  one.put(message('a'));
  await one.clock.advance(10 * minuteMs);
  full = false;
  await one.clock.advance(minuteMs);
  expect(idsTo(one)).toEqual(['a']);
  expect(one.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  expect(await outbox.deliveries({ state: 'delivered', limit: 1 })).toHaveLength(1);
});

test('a ledger that cannot be read for a while ends nothing', async () => {
  const outbox = memoryOutbox();
  let broken = true;
  const one = started(
    { hook: () => ok },
    {
      outbox: {
        ...outbox,
        dueDeliveries(...args) {
          if (broken) throw new Error('the ledger is locked');
          return outbox.dueDeliveries(...args);
        },
      },
    },
  );
  one.put(message('a'));
  await one.clock.advance(minuteMs);
  broken = false;
  await one.clock.advance(minuteMs);
  expect(idsTo(one)).toEqual(['a']);
  expect(one.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});
