import { createDeliveryLoop } from '../../../agent/alerts/deliver.ts';
import type { DeliveryLoop } from '../../../agent/alerts/deliver.ts';
import type { AlertMessage, Notifier, SendOutcome } from '../../../agent/core/alert.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { alertsNow, messageSample } from '../../support/alert-samples.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { memoryOutbox } from '../../support/memory-outbox.ts';
import type { OutboxUnderTest } from '../../support/memory-outbox.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import type { RecordedLog } from '../../support/recorded-log.ts';

export const ok: SendOutcome = {
  result: 'delivered',
  status: 200,
  answer: 'ok',
  retryAfterMs: null,
};
export const busy: SendOutcome = { result: 'retry', status: 503, answer: 'no', retryAfterMs: null };
export const refused: SendOutcome = { ...busy, result: 'refused', status: 400 };
export const gone: SendOutcome = { ...busy, result: 'gone', status: 410 };

export interface Sent {
  readonly at: Instant;
  readonly to: string;
  readonly message: AlertMessage;
}

/** What the other side of a channel does with a message. */
export type Receiver = (
  message: AlertMessage,
  at: Instant,
  signal: AbortSignal,
) => SendOutcome | Promise<SendOutcome>;

export interface DeliveryWorld {
  readonly clock: FakeClock;
  readonly outbox: OutboxUnderTest;
  readonly log: RecordedLog;
  /** Every attempt, in the order in which they began. */
  readonly sent: readonly Sent[];
  readonly loop: DeliveryLoop;
  readonly put: (...messages: readonly AlertMessage[]) => void;
  /** The loop runs from now on, until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

/** A delivery loop over an outbox in memory; each receiver is a channel of that name. */
export function deliveryWorld(
  receivers: Readonly<Record<string, Receiver>>,
  { outbox = memoryOutbox(), random = () => 0 } = {},
): DeliveryWorld {
  const clock = createFakeClock(alertsNow);
  const log = recordedLog();
  const sent: Sent[] = [];
  const notifiers = Object.entries(receivers).map(([name, receive]): Notifier => ({
    name,
    type: 'webhook',
    async send(its, at, signal) {
      sent.push({ at, to: name, message: its });
      return receive(its, at, signal);
    },
    close: async () => undefined,
  }));
  const loop = createDeliveryLoop({
    clock,
    log,
    random,
    outbox,
    put: (messages, at) => outbox.put(messages, at),
    notifiers,
    link: null,
  });
  const stop = new AbortController();
  let running = Promise.resolve();
  return {
    clock,
    outbox,
    log,
    sent,
    loop,
    put(...messages) {
      outbox.put(messages, clock.now());
      loop.wake();
    },
    start: () => void (running = loop.run(stop.signal)),
    async stop() {
      stop.abort();
      await running;
    },
  };
}

export function message(id: string, group = 'g', notifier = 'hook'): AlertMessage {
  return messageSample({ id, group, notifier });
}
