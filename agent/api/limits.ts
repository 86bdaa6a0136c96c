import { secondMs } from '../core/time.ts';
import type { Clock } from '../core/time.ts';

/** How much one asker may do. */
export interface Allowance {
  readonly perSecond: number;
  /** At once, after having been quiet. */
  readonly burst: number;
}

interface Limiter {
  /** Counts one and answers 0; or counts nothing and answers after how many whole seconds there is room again. */
  take(asker: string): number;
}

/** Askers that are told apart at most; whoever was quiet longest is forgotten, and starts afresh. */
const mostAskers = 10_000;

interface Bucket {
  left: number;
  at: number;
}

/** A token bucket for each asker. A clock that is set back gives nothing and takes nothing. */
export function createLimiter({ perSecond, burst }: Allowance, clock: Pick<Clock, 'now'>): Limiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(asker) {
      const now = clock.now();
      const bucket = buckets.get(asker) ?? { left: burst, at: now };
      buckets.delete(asker);
      buckets.set(asker, bucket);
      const [quietest] = buckets.keys();
      if (buckets.size > mostAskers && quietest !== undefined) buckets.delete(quietest);
      const seconds = Math.max(0, now - bucket.at) / secondMs;
      bucket.left = Math.min(burst, bucket.left + seconds * perSecond);
      bucket.at = now;
      if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perSecond));
      bucket.left -= 1;
      return 0;
    },
  };
}

/** One machine has a whole /64 of IPv6 addresses to ask from. */
export function askerOf(address: string | undefined): string {
  if (address === undefined || !address.includes(':')) return address ?? '';
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const ended = tail.split(':').filter((group) => group !== '');
  while (address.includes('::') && groups.length + ended.length < 8) groups.push('0');
  return [...groups, ...ended].slice(0, 4).join(':');
}
