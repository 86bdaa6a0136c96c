import type { AlertMessage, Delivery, Notifier } from '../core/alert.ts';
import type { Instant } from '../core/time.ts';
import { failingMessage } from './failing-message.ts';
import type { Failing } from './failing-message.ts';

/** Which receivers are not reached, and what the others are to be told of it: once when it begins, once when it ends. */
export interface FailingChannels {
  /** Takes up what the outbox tells of a receiver after a restart. What it returns may have been said before. */
  restore(name: string, deliveries: readonly Delivery[], at: Instant): readonly AlertMessage[];
  /** Hears of a delivery after an attempt. */
  heard(delivery: Delivery, at: Instant): readonly AlertMessage[];
}

/** Failed attempts of one message that make an episode: five minutes by the schedule. One that is given up makes one too. */
const tellingAttempts = 3;

export function createFailingChannels(
  notifiers: readonly Pick<Notifier, 'name' | 'type'>[],
  link: string | null,
): FailingChannels {
  const episodes = new Map<string, Failing>();

  function tell(failing: Failing, endedAt: Instant | null, at: Instant): readonly AlertMessage[] {
    return notifiers
      .filter(({ name }) => name !== failing.notifier.name && !episodes.has(name))
      .map(({ name }) => failingMessage(failing, name, endedAt, at, link));
  }

  function begin(delivery: Delivery, at: Instant): readonly AlertMessage[] {
    const notifier = notifiers.find(({ name }) => name === delivery.notifier);
    if (notifier === undefined || episodes.has(notifier.name)) return [];
    const failing = { notifier, delivery, since: delivery.lastTryAt ?? at };
    episodes.set(notifier.name, failing);
    return tell(failing, null, at);
  }

  return {
    restore(name, deliveries, at) {
      const delivered = Math.max(...deliveries.map((one) => one.deliveredAt ?? 0), 0);
      const failed = deliveries
        .filter((one) => isFailing(one) && (one.lastTryAt ?? 0) > delivered)
        .toSorted((a, b) => a.createdAt - b.createdAt)[0];
      return failed === undefined || failed.notifier !== name ? [] : begin(failed, at);
    },
    heard(delivery, at) {
      if (isFailing(delivery)) return begin(delivery, at);
      const failing = episodes.get(delivery.notifier);
      if (delivery.state !== 'delivered' || failing === undefined) return [];
      episodes.delete(delivery.notifier);
      return tell(failing, at, at);
    },
  };
}

function isFailing({ state, attempts }: Delivery): boolean {
  return state === 'dead' || (state === 'waiting' && attempts >= tellingAttempts);
}
