import type { Instant } from '../core/time.ts';
import { secondMs } from '../core/time.ts';

/** What fills a bucket and how much it holds. */
export interface BucketRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket at a moment. */
export interface Bucket {
  readonly tokens: number;
  readonly at: Instant;
}

export function fullBucket(rate: BucketRate, now: Instant): Bucket {
  return { tokens: rate.burst, at: now };
}

/** The bucket now. A clock that went back adds nothing: what was taken stays taken. */
export function refill(bucket: Bucket, rate: BucketRate, now: Instant): Bucket {
  const earned = (Math.max(0, now - bucket.at) / secondMs) * rate.perSecond;
  return { tokens: Math.min(rate.burst, bucket.tokens + earned), at: now };
}

/** Milliseconds until that many tokens are there, 0 when they are; more than the burst is asked of a full bucket. */
export function waitFor(bucket: Bucket, rate: BucketRate, amount: number): number {
  const missing = Math.min(amount, rate.burst) - bucket.tokens;
  return missing <= 0 ? 0 : Math.max(1, Math.ceil((missing / rate.perSecond) * secondMs));
}

/** After taking; an amount above the burst leaves a debt. */
export function take(bucket: Bucket, amount: number): Bucket {
  return { ...bucket, tokens: bucket.tokens - amount };
}
