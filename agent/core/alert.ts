import type { Labels } from './cloud.ts';
import type { Instant, Window } from './time.ts';

/**
 * Prometheus' and Alertmanager's words. `corrected`: what fired rested on figures that were restated below the threshold
 * since; it is neither resolved nor may it fire again for the same period.
 */
export type AlertState = 'inactive' | 'pending' | 'firing' | 'resolved' | 'corrected';

/**
 * How sure the figure is. `provisional`: some of it may still change at the cloud; `settled`: read after the cloud's last
 * change; `calibrated`: corrected by what bills taught; `billed`: the bill itself.
 */
export type Certainty = 'provisional' | 'settled' | 'calibrated' | 'billed';

/** What a condition's figures are in. */
export type AlertUnit =
  | 'usd'
  | 'tokens'
  | 'ratio'
  | 'seconds'
  | 'milliseconds'
  | 'factor'
  /** Plain pieces; the summary says of what. */
  | 'count';

/** One thing that is looked at in an evaluation: a threshold of a budget's period, a series of a rule. */
export interface Condition {
  /** The same in every evaluation and after a restart; unique within one. */
  readonly key: string;
  /** Conditions of one group that change in one step travel as one message: a budget's period, a rule. */
  readonly group: string;
  /** The budget's or rule's name. */
  readonly name: string;
  /** `budget`, or the rule's kind. */
  readonly kind: string;
  /** Who and what: `alertname`, `severity`, dimensions. The fingerprint is made of these; no figures. */
  readonly labels: Labels;
  /** For people: `summary`, `description`, `runbook_url`, `link`. Figures are here. */
  readonly annotations: Labels;
  /** `no_data`: it cannot be said; neither met nor clear. */
  readonly state: 'met' | 'clear' | 'no_data';
  /**
   * Clear, but so near the threshold that what fires goes on firing; false of a condition that is met or has no
   * hysteresis.
   */
  readonly near: boolean;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: AlertUnit;
  readonly certainty: Certainty;
  /** The history does not cover the period: the value is a floor. */
  readonly incomplete: boolean;
  /** The end of the newest data that it was decided by; `for` counts this time. */
  readonly dataUntil: Instant;
  readonly forSeconds: number;
  /**
   * The period of a budget: its thresholds fire at most once in it, and an alert of it ends with it. Null of rules, which
   * fire and resolve as often as it happens.
   */
  readonly period: Window | null;
  /** Names of notifiers. */
  readonly notify: readonly string[];
}

/** One alert, as it stands. */
export interface Alert {
  /** 16 hexadecimal digits, of the labels; stable over restarts and replicas. */
  readonly fingerprint: string;
  readonly key: string;
  readonly group: string;
  readonly name: string;
  readonly kind: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: AlertState;
  /** Since when it has been pending or firing; of a resolved one, was. */
  readonly activeAt: Instant;
  readonly firedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** Its condition cannot be told at present; the state is what it was. */
  readonly noData: boolean;
  readonly value: number | null;
  readonly threshold: number | null;
  readonly unit: AlertUnit;
  readonly certainty: Certainty;
  readonly incomplete: boolean;
  readonly dataUntil: Instant;
  readonly period: Window | null;
  readonly notify: readonly string[];
  readonly acknowledged: {
    readonly by: string;
    readonly at: Instant;
    readonly note: string;
  } | null;
  /** Ids of the silences that keep it quiet now. */
  readonly silencedBy: readonly string[];
  /** When a message about it was last put into the outbox. */
  readonly notifiedAt: Instant | null;
}

/** An alert with what the lifecycle remembers of it; people and messages are not told this. */
export interface TrackedAlert extends Alert {
  /** What the last message about it said it was; null: none yet, or none that still stands. */
  readonly told: 'firing' | 'resolved' | 'corrected' | null;
  /**
   * Which time it is that it is active, for ids of messages: a period's start, or the data time of the condition when it
   * began; grows from one to the next.
   */
  readonly episode: number;
  /** Messages about it in this episode. */
  readonly messages: number;
  /** May fire: false of a period's alert that did, until its budget is changed or somebody says so. */
  readonly armed: boolean;
  /** Since when no evaluation names it any more; null: it is named. */
  readonly missingSince: Instant | null;
}

/** What became of an alert at one moment; never deleted before the alert is. */
export interface AlertEvent {
  readonly fingerprint: string;
  readonly at: Instant;
  readonly from: AlertState;
  readonly to: AlertState;
  readonly value: number | null;
  /** A sentence where the change needs one: a restatement, an acknowledgement, a silence. */
  readonly note: string;
}

/** A matcher in Alertmanager's way: a label equals, or matches with a trailing `*`. */
export interface SilenceMatcher {
  readonly name: string;
  readonly value: string;
  readonly isEqual: boolean;
}

export interface Silence {
  readonly id: string;
  readonly matchers: readonly SilenceMatcher[];
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly createdBy: string;
  readonly comment: string;
  readonly createdAt: Instant;
}

/** What a message is about, in Standard Webhooks' `type`. */
export type MessageType =
  | 'alert.firing'
  | 'alert.resolved'
  | 'alert.corrected'
  | 'alert.repeated'
  | 'alert.heartbeat'
  | 'alert.test';

/** Alerts of one group that changed in one step, for one notifier. */
export interface AlertMessage {
  /** The `webhook-id`: of the group, its alerts and their state; the same over retries, restarts and replicas. */
  readonly id: string;
  readonly type: MessageType;
  readonly group: string;
  readonly notifier: string;
  readonly at: Instant;
  readonly alerts: readonly Alert[];
  /** Where a person looks further; null where `public_url` is not set. */
  readonly link: string | null;
}

/** `waiting` is sent at `nextTryAt`; `dead` is given up and can be sent again by hand. */
export type DeliveryState = 'waiting' | 'delivered' | 'dead';

/** One message on its way to one notifier, as the outbox keeps it. */
export interface Delivery {
  readonly id: string;
  readonly message: AlertMessage;
  readonly notifier: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: Instant;
  readonly nextTryAt: Instant;
  readonly lastTryAt: Instant | null;
  readonly deliveredAt: Instant | null;
  /** HTTP status of the last answer; null where there was none. */
  readonly lastStatus: number | null;
  /** The first bytes of the last answer, or why there was none; no secrets. */
  readonly lastAnswer: string;
}

/** What the other side made of one attempt. */
export interface SendOutcome {
  /** `gone`: the receiver wants no more (410); `refused`: sending the same again cannot help. */
  readonly result: 'delivered' | 'retry' | 'refused' | 'gone';
  readonly status: number | null;
  /** First bytes of the answer, or the failure in a sentence; no secrets. */
  readonly answer: string;
  readonly retryAfterMs: number | null;
}

/** One way by which messages reach people. Holds no queue and no retry loop. */
export interface Notifier {
  readonly name: string;
  readonly type: string;
  /** One attempt. Never throws for what the other side does. */
  send(message: AlertMessage, at: Instant, signal: AbortSignal): Promise<SendOutcome>;
  close(): Promise<void>;
}
