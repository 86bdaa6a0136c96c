import type { OutboxReader, OutboxWriter } from '../core/alert-store.ts';
import type { AlertMessage, Delivery, Notifier, SendOutcome } from '../core/alert.ts';
import type { Log } from '../core/log.ts';
import { hourMs, secondMs } from '../core/time.ts';
import type { Clock, Instant } from '../core/time.ts';
import { createBell } from './bell.ts';
import { createEndpointBreaker } from './endpoint-breaker.ts';
import type { EndpointBreaker } from './endpoint-breaker.ts';
import { createFailingChannels } from './failing-channels.ts';
import { afterAttempt } from './retry-schedule.ts';

export interface DeliveryDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly outbox: OutboxWriter & OutboxReader;
  /** Puts messages into the outbox; one whose id is there already changes nothing. */
  readonly put: (messages: readonly AlertMessage[], at: Instant) => void;
  readonly notifiers: readonly Notifier[];
  /** Where a person looks at the agent; null where nobody said. */
  readonly link: string | null;
}

/** What brings messages from the outbox to people: at least once each, those of one group in order. */
export interface DeliveryLoop {
  /** Until the signal aborts; attempts under way then are given up, and made again at the next start. */
  run(signal: AbortSignal): Promise<void>;
  /** Messages were put into the outbox: looks at once. */
  wake(): void;
}

interface Channel {
  readonly notifier: Notifier;
  readonly breaker: EndpointBreaker;
  /** Ids of deliveries on their way. */
  readonly underWay: Set<string>;
}

/** How long a ledger that cannot be read or written is left alone. */
const ledgerPauseMs = 5 * secondMs;
/** Looked at this often even if nothing seems due: somebody else may have put something there. */
const longestSleepMs = hourMs;
const batch = 16;
/** As far back as a restart looks for what goes wrong with a receiver. */
const restoredDeliveries = 100;

export function createDeliveryLoop(deps: DeliveryDeps): DeliveryLoop {
  const { clock, log, random, outbox, put, notifiers, link } = deps;
  const bell = createBell();
  const failing = createFailingChannels(notifiers, link);
  const channels = new Map<string, Channel>(
    notifiers.map((notifier) => [
      notifier.name,
      { notifier, breaker: createEndpointBreaker(), underWay: new Set() },
    ]),
  );
  const sending = new Set<Promise<void>>();

  /** Does it until the ledger lets it: what was sent is not sent again because the disk was full. */
  async function insist(doing: string, signal: AbortSignal, step: () => void): Promise<void> {
    for (let told = false; ; told = true) {
      try {
        step();
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!told) log.error(`cannot ${doing}; trying again`, { error });
      }
      await clock.sleep(ledgerPauseMs, signal);
    }
  }

  async function attempt(channel: Channel, delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { notifier, breaker, underWay } = channel;
    const at = clock.now();
    const outcome = await outcomeOf(notifier, delivery, at, signal);
    // An attempt that our own stop cut short says nothing of the receiver.
    if (signal.aborted && outcome.result !== 'delivered') return;
    const after = afterAttempt(delivery, outcome, at, random());
    const now = clock.now();
    // First what others are told, which said again says nothing new: neither is lost to a kill between the two.
    const messages = failing.heard(after, now);
    await insist('write down what became of a message', signal, () => {
      if (messages.length > 0) put(messages, now);
      outbox.recordAttempt(after);
    });
    tell(log, notifier, after, outcome);
    if (breaker.heard(outcome, now, random())) {
      await insist('hurry what waits', signal, () => outbox.hurryDeliveries(notifier.name, now));
    }
    underWay.delete(delivery.id);
  }

  function start(channel: Channel, delivery: Delivery, signal: AbortSignal): void {
    channel.underWay.add(delivery.id);
    const run = attempt(channel, delivery, signal).finally(() => {
      channel.underWay.delete(delivery.id);
      sending.delete(run);
      bell.ring();
    });
    sending.add(run);
  }

  /** Channels that take nothing more now. */
  function busy(now: Instant): readonly string[] {
    return [...channels.values()]
      .filter(({ breaker, underWay }) => breaker.room(now, underWay.size) === 0)
      .map(({ notifier }) => notifier.name);
  }

  function giveUp(delivery: Delivery): void {
    const lastAnswer = `no notifier is called ${delivery.notifier} any more; put it back into the configuration and retry`;
    outbox.recordAttempt({ ...delivery, state: 'dead', lastAnswer });
  }

  /** Starts what can be; how long to sleep until there may be more. */
  function startDue(signal: AbortSignal): number {
    for (;;) {
      const now = clock.now();
      const except = busy(now);
      const due = outbox.dueDeliveries(now, batch + sending.size, except);
      let moved = false;
      for (const delivery of due) {
        const channel = channels.get(delivery.notifier);
        if (channel === undefined) giveUp(delivery);
        else if (channel.underWay.has(delivery.id)) continue;
        else if (channel.breaker.room(now, channel.underWay.size) > 0) {
          start(channel, delivery, signal);
        } else continue;
        moved = true;
      }
      if (moved) continue;
      return sleepMs(now, except);
    }
  }

  function sleepMs(now: Instant, except: readonly string[]): number {
    const underWay = [...channels.values()].filter((channel) => channel.underWay.size > 0);
    // What is under way is due still, and rings when it is done.
    const next = outbox.nextDue([...except, ...underWay.map(({ notifier }) => notifier.name)]);
    const moments = [
      next ?? Infinity,
      ...[...channels.values()].map(({ breaker }) => breaker.blockedUntil(now) ?? Infinity),
    ];
    return Math.max(0, Math.min(longestSleepMs, ...moments.map((moment) => moment - now)));
  }

  async function restore(signal: AbortSignal): Promise<void> {
    for (const { name } of notifiers) {
      const deliveries = await outbox.deliveries({ notifier: name, limit: restoredDeliveries });
      const now = clock.now();
      const messages = failing.restore(name, deliveries, now);
      if (messages.length > 0) await insist('put messages', signal, () => put(messages, now));
    }
  }

  return {
    wake: bell.ring,
    async run(signal) {
      let troubled = false;
      let restored = false;
      while (!signal.aborted) {
        let sleep = ledgerPauseMs;
        try {
          if (!restored) await restore(signal);
          restored = true;
          sleep = startDue(signal);
          troubled = false;
        } catch (error) {
          if (!troubled && !signal.aborted) log.error('cannot read the outbox', { error });
          troubled = true;
        }
        await bell.sleep(clock, sleep, signal);
      }
      await Promise.all(sending);
    },
  };
}

/** A notifier promises not to throw; one that does is no reason to stop the others. */
async function outcomeOf(
  notifier: Notifier,
  { message }: Delivery,
  at: Instant,
  signal: AbortSignal,
): Promise<SendOutcome> {
  try {
    return await notifier.send(message, at, signal);
  } catch {
    const answer = 'the channel failed inside; this is a fault of the agent';
    return { result: 'retry', status: null, answer, retryAfterMs: null };
  }
}

function tell(log: Log, notifier: Notifier, after: Delivery, outcome: SendOutcome): void {
  const fields = {
    notifier: notifier.name,
    type: notifier.type,
    delivery: after.id,
    attempts: after.attempts,
    status: outcome.status,
  };
  if (after.state === 'delivered') log.debug('message delivered', fields);
  else if (after.state === 'waiting') {
    log.warn('message not delivered; it is tried again', { ...fields, answer: outcome.answer });
  } else log.error('message given up', { ...fields, answer: outcome.answer });
}
