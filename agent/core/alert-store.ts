import type {
  AlertEvent,
  AlertMessage,
  Delivery,
  DeliveryState,
  Silence,
  TrackedAlert,
} from './alert.ts';
import type { Instant } from './time.ts';

/** What one evaluation changes. */
export interface AlertStep {
  readonly at: Instant;
  /** Every alert that is other than it was. */
  readonly alerts: readonly TrackedAlert[];
  readonly events: readonly AlertEvent[];
  /** Put into the outbox; one whose id is there already changes nothing. */
  readonly messages: readonly AlertMessage[];
}

/** Writers are synchronous: alerts, events and messages of a step are one transaction. */
export interface AlertWriter {
  recordStep(step: AlertStep): void;
  keepSilence(silence: Silence): void;
  /** Ends it now; false where there is none of that id. */
  expireSilence(id: string, at: Instant): boolean;
  /** Deletes what ended, was expired or delivered before that. */
  forgetAlerts(before: Instant): void;
}

export interface AlertReader {
  /** All that are not forgotten: active ones, and those ended. */
  alerts(): Promise<readonly TrackedAlert[]>;
  /** Oldest first. */
  events(fingerprint: string): Promise<readonly AlertEvent[]>;
  silences(): Promise<readonly Silence[]>;
}

export type AcknowledgeResult = 'done' | 'unknown' | 'not_firing';

/** What people do to alerts. Each is on disk when its promise resolves. */
export interface AlertCommands {
  /** Ends repeats, not the alert. */
  acknowledge(fingerprint: string, by: string, note: string): Promise<AcknowledgeResult>;
  /** One of an id that is there is replaced. */
  keepSilence(silence: Silence): Promise<void>;
  /** Ends it now; false where there is none of that id. */
  expireSilence(id: string): Promise<boolean>;
}

export interface OutboxWriter {
  /**
   * Up to `limit` that are due, oldest first; of one group and notifier only the oldest waiting one: order holds.
   * @param except notifiers whose deliveries are left out
   */
  dueDeliveries(at: Instant, limit: number, except?: readonly string[]): readonly Delivery[];
  /** When the next one is due, of those that `dueDeliveries` may give; undefined: none waits. */
  nextDue(except?: readonly string[]): Instant | undefined;
  /** What an attempt made of it. */
  recordAttempt(delivery: Delivery): void;
  /** Makes what waits for the notifier later than that due then: it answers again. */
  hurryDeliveries(notifier: string, at: Instant): void;
  /**
   * Makes one due again, whatever its state, with all its attempts before it; false where there is none of that id.
   * It is sent with the same message id.
   */
  retryDelivery(id: string, at: Instant): boolean;
}

/** What came of an attempt: it arrived, it will be tried again, or it was given up. */
export const attemptResults = ['delivered', 'failed', 'dead'] as const;
export type AttemptResult = (typeof attemptResults)[number];

export interface OutboxReader {
  /** Attempts since the ledger was made, by what came of them; forgotten deliveries count on. */
  attemptTotals(): Promise<Readonly<Record<AttemptResult, number>>>;
  /** Newest first. */
  deliveries(filter: {
    readonly state?: DeliveryState;
    readonly notifier?: string;
    readonly limit: number;
  }): Promise<readonly Delivery[]>;
}
