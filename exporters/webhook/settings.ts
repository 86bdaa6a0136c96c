import type { SendOutcome } from '../../agent/core/alert.ts';
import type { Instant } from '../../agent/core/time.ts';

/** A text that may change while the agent runs: it is asked for at each use. Throws where it cannot be had. */
export interface Secret {
  reveal(): string;
}

export interface Addressed<Type extends string> {
  readonly name: string;
  readonly type: Type;
  /** Carries a credential as often as not, so nothing but its origin is ever shown. */
  readonly url: Secret;
}

export interface WebhookSettings extends Addressed<'webhook'> {
  /** One signing secret, or several with spaces or commas between them while they are rotated. */
  readonly secret?: Secret | undefined;
}

export interface PagerdutySettings {
  readonly name: string;
  readonly type: 'pagerduty';
  readonly routingKey: Secret;
  /** Where PagerDuty answers, if not at its public address. */
  readonly url?: Secret | undefined;
}

export type NotifierSettings =
  | WebhookSettings
  | PagerdutySettings
  | Addressed<'slack'>
  | Addressed<'teams'>
  | Addressed<'alertmanager'>;

/** What the channels have of the process. */
export interface NotifierDeps {
  readonly version: string;
  /** Where a person reaches the agent; null: nowhere that is known. */
  readonly publicUrl: string | null;
  readonly post: Post;
}

/** One request as it goes out. */
export interface Posting {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Besides the address: what must not be repeated in what is told of the answer. */
  readonly secrets: readonly string[];
}

/** Makes one POST of JSON. Never throws for what the other side does. */
export type Post = (posting: Posting, at: Instant, signal: AbortSignal) => Promise<SendOutcome>;
