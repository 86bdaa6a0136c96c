import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../agent/core/alert.ts';
import { alertsNow as now, messageSample } from '../support/alert-samples.ts';
import type { OutboxUnderTest } from '../support/memory-outbox.ts';

/** What every outbox keeps to, whatever it is kept in. `make` gives an empty one. */
export function outboxContract(name: string, make: () => OutboxUnderTest): void {
  const message = (id: string, group = 'g', notifier = 'n') =>
    messageSample({ id, group, notifier });
  const idsOf = (deliveries: readonly Delivery[]) => deliveries.map((one) => one.message.id);

  /** The one delivery that is due, or a failure. */
  function only(outbox: OutboxUnderTest, at = now): Delivery {
    const [first, ...more] = outbox.dueDeliveries(at, 10);
    if (first === undefined || more.length > 0) throw new Error('not one delivery is due');
    return first;
  }

  describe(`the outbox of ${name}`, () => {
    test('a message put in is due at once, whole and untried', async () => {
      const outbox = make();
      outbox.put([message('a')], now);
      const delivery = only(outbox);
      expect(delivery).toMatchObject({
        message: message('a'),
        notifier: 'n',
        state: 'waiting',
        attempts: 0,
        createdAt: now,
        nextTryAt: now,
        lastTryAt: null,
        deliveredAt: null,
        lastStatus: null,
        lastAnswer: '',
      });
      expect(outbox.nextDue()).toBe(now);
      expect(await outbox.deliveries({ limit: 10 })).toEqual([delivery]);
    });

    test('put in again it changes nothing, waiting or delivered', () => {
      const outbox = make();
      outbox.put([message('a')], now);
      outbox.put([message('a')], now + 1);
      const delivery = only(outbox);
      outbox.recordAttempt({ ...delivery, state: 'delivered', attempts: 1, deliveredAt: now });
      outbox.put([message('a')], now + 2);
      expect(outbox.dueDeliveries(now + 3, 10)).toEqual([]);
      expect(outbox.nextDue()).toBeUndefined();
    });

    test('attempts are counted by what came of them', async () => {
      const outbox = make();
      expect(await outbox.attemptTotals()).toEqual({ delivered: 0, failed: 0, dead: 0 });
      outbox.put([message('a'), message('b', 'h')], now);
      const [a, b] = outbox.dueDeliveries(now, 10);
      if (a === undefined || b === undefined) throw new Error('two deliveries are due');
      outbox.recordAttempt({ ...a, attempts: 1 });
      outbox.recordAttempt({ ...a, attempts: 2, state: 'delivered', deliveredAt: now });
      outbox.recordAttempt({ ...b, attempts: 1, state: 'dead' });
      expect(await outbox.attemptTotals()).toEqual({ delivered: 1, failed: 1, dead: 1 });
    });

    test('what an attempt made of it is kept to the last column', async () => {
      const outbox = make();
      outbox.put([message('a')], now);
      const after: Delivery = {
        ...only(outbox),
        attempts: 3,
        nextTryAt: now + 5_000,
        lastTryAt: now + 10,
        lastStatus: 503,
        lastAnswer: 'busy',
      };
      outbox.recordAttempt(after);
      expect(outbox.dueDeliveries(now + 4_999, 10)).toEqual([]);
      expect(outbox.dueDeliveries(now + 5_000, 10)).toEqual([after]);
      expect(outbox.nextDue()).toBe(now + 5_000);
      expect(await outbox.deliveries({ limit: 1 })).toEqual([after]);
    });

    test('of a group and notifier only the oldest that waits may go, even where it waits for long', () => {
      const outbox = make();
      outbox.put([message('a')], now);
      outbox.put([message('b')], now + 1);
      outbox.put([message('c', 'other')], now + 2);
      outbox.put([message('d', 'g', 'm')], now + 3);
      expect(idsOf(outbox.dueDeliveries(now + 9, 10))).toEqual(['a', 'c', 'd']);
      const [first] = outbox.dueDeliveries(now + 9, 1);
      if (first === undefined) throw new Error('nothing is due');
      outbox.recordAttempt({ ...first, attempts: 1, nextTryAt: now + 60_000 });
      expect(idsOf(outbox.dueDeliveries(now + 9, 10))).toEqual(['c', 'd']);
      outbox.recordAttempt({ ...first, state: 'dead', attempts: 10 });
      expect(idsOf(outbox.dueDeliveries(now + 9, 10))).toEqual(['b', 'c', 'd']);
    });

    test('of those put in at one moment the first of a step goes first', () => {
      const outbox = make();
      outbox.put([message('z'), message('a')], now);
      expect(idsOf(outbox.dueDeliveries(now, 10))).toEqual(['z']);
    });

    test('notifiers can be left out, and the oldest come first up to the limit', () => {
      const outbox = make();
      outbox.put([message('a', 'g', 'm')], now);
      outbox.put([message('b', 'h')], now + 1);
      outbox.put([message('c', 'i')], now + 2);
      expect(idsOf(outbox.dueDeliveries(now + 9, 2))).toEqual(['a', 'b']);
      expect(idsOf(outbox.dueDeliveries(now + 9, 2, ['m']))).toEqual(['b', 'c']);
      expect(outbox.nextDue(['m'])).toBe(now + 1);
      expect(outbox.nextDue(['m', 'n'])).toBeUndefined();
    });

    test('what waits for a notifier can be hurried, and nothing else', () => {
      const outbox = make();
      outbox.put([message('a'), message('b', 'g', 'm')], now);
      for (const one of outbox.dueDeliveries(now, 10)) {
        outbox.recordAttempt({ ...one, attempts: 2, nextTryAt: now + 60_000 });
      }
      outbox.hurryDeliveries('n', now + 1);
      expect(only(outbox, now + 1)).toMatchObject({ notifier: 'n', attempts: 2 });
      outbox.recordAttempt({ ...only(outbox, now + 1), state: 'dead' });
      outbox.hurryDeliveries('n', now + 2);
      expect(outbox.dueDeliveries(now + 2, 10)).toEqual([]);
    });

    test.each(['dead', 'delivered'] as const)(
      'a %s one is due again by hand, the same message with a whole schedule before it',
      (state) => {
        const outbox = make();
        outbox.put([message('a')], now);
        const delivery = only(outbox);
        const deliveredAt = state === 'delivered' ? now : null;
        outbox.recordAttempt({ ...delivery, state, attempts: 10, lastStatus: 500, deliveredAt });
        expect(outbox.retryDelivery('nobody', now + 5)).toBe(false);
        expect(outbox.dueDeliveries(now + 5, 10)).toEqual([]);
        expect(outbox.retryDelivery(delivery.id, now + 5)).toBe(true);
        const again = { ...delivery, lastStatus: 500, nextTryAt: now + 5 };
        expect(only(outbox, now + 5)).toEqual(again);
      },
    );

    test('the list is newest first, by state and notifier', async () => {
      const outbox = make();
      outbox.put([message('a')], now);
      outbox.put([message('b', 'g', 'm')], now + 1);
      outbox.put([message('c', 'h')], now + 2);
      const [first] = outbox.dueDeliveries(now, 1);
      if (first !== undefined) outbox.recordAttempt({ ...first, state: 'dead' });
      const listed = async (filter: Omit<Parameters<typeof outbox.deliveries>[0], 'limit'>) =>
        idsOf(await outbox.deliveries({ ...filter, limit: 10 }));
      expect(await listed({})).toEqual(['c', 'b', 'a']);
      expect(await listed({ state: 'dead' })).toEqual(['a']);
      expect(await listed({ state: 'waiting', notifier: 'n' })).toEqual(['c']);
      expect(idsOf(await outbox.deliveries({ limit: 1 }))).toEqual(['c']);
    });
  });
}
