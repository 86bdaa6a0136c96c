import type { Instant } from './time.ts';

/**
 * How fast a group of calls may go to one account and region, or one subscription: well under what its cloud permits,
 * for others of the same account call too.
 */
export interface RateLimit {
  /** The group of operations that share it, in the vendor's words. */
  readonly name: string;
  /** Calls that may go at once after a rest, and calls a second from then on. */
  readonly burst: number;
  readonly perSecond: number;
  /** The same of points, where the cloud counts them. No call asks for more points than the burst. */
  readonly points?: { readonly burst: number; readonly perSecond: number };
  /** Calls under way at the same time. */
  readonly atOnce: number;
  /** Where the cloud says what it permits. */
  readonly source: string;
}

/** One request to a cloud's API; each page is a request of its own. */
export interface ApiCall {
  readonly source: string;
  /** Whose bill it is: a target's id, or the scope that is listed. */
  readonly scope: string;
  /** `cloudwatch:GetMetricData`. */
  readonly operation: string;
  /** Whom the cloud limits: `aws/111122223333/us-east-1`, `azure/<subscription>`. */
  readonly bucket: string;
  /** Absent where the cloud names no limit that could matter. */
  readonly limit?: RateLimit;
  /** At the cloud's list price. */
  readonly costNanoUsd: bigint;
  /** Metrics the cloud counts for its bill; 0 where it counts calls, or nothing. */
  readonly metrics: number;
  /** Points the answer may hold; 0 for what is no reading. */
  readonly points: number;
}

/** What every request passes before it is made. */
export interface ApiMeter {
  /**
   * Waits until the call may go, then puts it on the bill, then resolves; the caller makes the call and says by the
   * function it was given that it has ended. Throws ExternalError `throttled` where the day's own spend limit is
   * reached, the signal's reason when that aborts first, and what the ledger throws: a call that cannot be counted is
   * not made.
   */
  admit(call: ApiCall, signal: AbortSignal): Promise<() => void>;
}

/** Lets every call go at once and counts none: for a collector that has no ledger beside it. */
export const admitAll: ApiMeter = { admit: () => Promise.resolve(() => undefined) };

/** A call as it stands on the bill. */
export interface BilledCall extends Pick<
  ApiCall,
  'source' | 'scope' | 'operation' | 'costNanoUsd' | 'metrics'
> {
  readonly at: Instant;
}
