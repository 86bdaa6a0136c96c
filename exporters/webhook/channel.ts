import type { AlertMessage, SendOutcome } from '../../agent/core/alert.ts';
import type { Instant } from '../../agent/core/time.ts';

/** How a message is put to one kind of receiver. It may throw where one of its secrets cannot be had. */
export interface Channel {
  send(message: AlertMessage, at: Instant, signal: AbortSignal): Promise<SendOutcome>;
}
