import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDeliveryLoop } from '../../../agent/alerts/deliver.ts';
import type { AlertMessage, Notifier } from '../../../agent/core/alert.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { dayMs, minuteMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { alertsNow } from '../../support/alert-samples.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { memoryOutbox } from '../../support/memory-outbox.ts';
import type { OutboxUnderTest } from '../../support/memory-outbox.ts';
import { busy, message, ok } from './delivery-world.ts';

/** What outlives a process: the outbox, and what receivers have. */
interface Surviving {
  readonly clock: FakeClock;
  readonly outbox: OutboxUnderTest;
  readonly received: { readonly to: string; readonly message: AlertMessage }[];
  /** Whether the receiver of the n-th attempt takes it; true where nothing is said, so no message is given up. */
  readonly takes: readonly boolean[];
  /** Until when the receiver `hook` takes nothing. */
  readonly downUntil?: Instant;
  attempts: number;
}

/** When a process dies: before or after what its n-th step does to the world outside. */
interface Death {
  readonly step: number;
  readonly after: boolean;
}

/** One life of the loop; with a death it ends there, without one after five days. */
async function live(world: Surviving, death: Death | undefined): Promise<void> {
  const stop = new AbortController();
  let steps = 0;
  const step = <T>(effect: () => T): T => {
    if (stop.signal.aborted && death !== undefined) throw new Error('dead');
    steps += 1;
    const dies = steps === death?.step;
    if (dies && !death?.after) {
      stop.abort();
      throw new Error('killed before it');
    }
    const result = effect();
    if (!dies) return result;
    stop.abort();
    throw new Error('killed after it');
  };
  const { outbox, clock, received } = world;
  const notifiers = ['hook', 'chat'].map((name): Notifier => ({
    name,
    type: 'webhook',
    send: async (its) =>
      step(() => {
        world.attempts += 1;
        const isDown = name === 'hook' && clock.now() < (world.downUntil ?? 0);
        if (isDown || world.takes[world.attempts] === false) return busy;
        received.push({ to: name, message: its });
        return ok;
      }),
    close: async () => undefined,
  }));
  const loop = createDeliveryLoop({
    clock,
    log: silentLog,
    random: () => 0.5,
    outbox: {
      dueDeliveries: (...args) => step(() => outbox.dueDeliveries(...args)),
      nextDue: (...args) => step(() => outbox.nextDue(...args)),
      recordAttempt: (delivery) => step(() => outbox.recordAttempt(delivery)),
      hurryDeliveries: (...args) => step(() => outbox.hurryDeliveries(...args)),
      retryDelivery: (...args) => step(() => outbox.retryDelivery(...args)),
      deliveries: async (filter) => step(() => outbox.deliveries(filter)),
      attemptTotals: async () => step(() => outbox.attemptTotals()),
    },
    put: (messages, at) => step(() => outbox.put(messages, at)),
    notifiers,
    link: null,
  });
  const running = loop.run(stop.signal);
  await clock.advance(death === undefined ? 5 * dayMs : 20 * minuteMs);
  stop.abort();
  await running;
}

const deaths = fc.array(fc.record({ step: fc.integer({ min: 1, max: 60 }), after: fc.boolean() }), {
  maxLength: 6,
});
/** By group: to whom. */
const put = fc.array(
  fc.record({ group: fc.nat({ max: 2 }), to: fc.constantFrom('hook', 'chat') }),
  {
    minLength: 1,
    maxLength: 12,
  },
);

test('killed between any two steps each message still arrives, in the order of its group, and twice only by the same id', async () => {
  await fc.assert(
    fc.asyncProperty(
      put,
      deaths,
      fc.array(fc.boolean(), { maxLength: 9 }),
      async (wanted, ends, takes) => {
        const clock = createFakeClock(alertsNow);
        const outbox = memoryOutbox();
        const world: Surviving = { clock, outbox, received: [], takes, attempts: 0 };
        const messages = wanted.map(({ group, to }, n) => message(`m${n}`, `g${group}`, to));
        messages.forEach((one, n) => outbox.put([one], alertsNow - 100 + n));
        for (const death of ends) await live(world, death);
        await live(world, undefined);

        for (const to of ['hook', 'chat']) {
          for (const group of ['g0', 'g1', 'g2']) {
            const inOrder = messages.filter((one) => one.group === group && one.notifier === to);
            const got = world.received
              .filter((one) => one.to === to && one.message.group === group)
              .map((one) => one.message);
            const places = got.map((one) => inOrder.findIndex(({ id }) => id === one.id));
            expect([...new Set(places)], 'each arrived').toEqual(inOrder.map((_, n) => n));
            expect(places, 'in order').toEqual(places.toSorted((a, b) => a - b));
          }
        }
        expect(await outbox.deliveries({ state: 'waiting', limit: 1_000 })).toEqual([]);
      },
    ),
    { numRuns: 150 },
  );
});

test('killed at any step around it, that a receiver is not reached and is reached again are both told', async () => {
  const never = { step: Infinity, after: false };
  for (let step = 1; step <= 24; step += 1) {
    for (const after of [false, true]) {
      for (const lives of [[{ step, after }], [never, { step, after }]]) {
        const clock = createFakeClock(alertsNow);
        const outbox = memoryOutbox();
        // Down for as long as the beginning is killed, or until after the first life.
        const downUntil = alertsNow + (lives.length === 1 ? 65 : 30) * minuteMs;
        const world: Surviving = { clock, outbox, received: [], takes: [], downUntil, attempts: 0 };
        outbox.put([message('m', 'g', 'hook')], alertsNow);
        for (const death of lives) await live(world, death);
        await live(world, undefined);
        const told = world.received
          .filter(({ to }) => to === 'chat')
          .map(({ message: its }) => its.type);
        const where = `killed ${after ? 'after' : 'before'} step ${step} of life ${lives.length}`;
        expect([...new Set(told)], where).toEqual(['alert.firing', 'alert.resolved']);
      }
    }
  }
});
