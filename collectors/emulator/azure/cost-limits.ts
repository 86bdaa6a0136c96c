import { hourMs, minuteMs, secondMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { jsonAnswer } from '../http.ts';
import type { Served } from '../http.ts';

/** Who asks for what, and how much of it. */
export interface CostCall {
  readonly subscription: string;
  /** As its header says; empty where it has none, and shares a small allowance with all such. */
  readonly clientType: string;
  readonly units: number;
}

/** Undefined lets the call go, and counts it; a call that is refused is not counted. */
export type CostLimits = (call: CostCall, now: Instant) => Served | undefined;

interface Allowance {
  readonly windowMs: number;
  readonly most: number;
}

const perTenant: readonly Allowance[] = [
  { windowMs: 10 * secondMs, most: 12 },
  { windowMs: minuteMs, most: 60 },
  { windowMs: hourMs, most: 600 },
];
const perSubscription: readonly Allowance[] = [{ windowMs: minuteMs, most: 4 }];
const perClient: readonly Allowance[] = [{ windowMs: minuteMs, most: 30 }];
const perNameless: readonly Allowance[] = [{ windowMs: minuteMs, most: 1 }];

/**
 * 12 units in ten seconds, 60 a minute and 600 an hour for the tenant, 4 calls a minute for a subscription, and something
 * for each kind of client. What is counted is forgotten when its hour has passed.
 */
export function createCostLimits(): CostLimits {
  const used: (CostCall & { readonly at: Instant })[] = [];
  return (call, now) => {
    while (used[0] !== undefined && used[0].at <= now - hourMs) used.shift();
    const ofClient = used.filter((one) => one.clientType === call.clientType);
    const ofScope = used.filter((one) => one.subscription === call.subscription);
    const waits = {
      qpu: waitMs(used, call.units, perTenant, now),
      entity: waitMs(ofScope.map(asOne), 1, perSubscription, now),
      clienttype: waitMs(
        ofClient.map(asOne),
        1,
        call.clientType === '' ? perNameless : perClient,
        now,
      ),
    };
    const headers = Object.entries(waits).flatMap(([bucket, wait]) =>
      wait === 0 ? [] : [[headerOf(bucket), String(Math.ceil(wait / secondMs))]],
    );
    if (headers.length === 0) {
      used.push({ ...call, at: now });
      return undefined;
    }
    const refusal = jsonAnswer(429, {
      error: { code: '429', message: 'Too many requests. Please retry.' },
    });
    return { ...refusal, headers: { ...refusal.headers, ...Object.fromEntries(headers) } };
  };
}

/** Counted by calls, however much each asks for. */
function asOne({ at }: { readonly at: Instant }) {
  return { at, units: 1 };
}

function headerOf(bucket: string): string {
  return `x-ms-ratelimit-microsoft.costmanagement-${bucket}-retry-after`;
}

/** Until so many more units are within every allowance; 0 where they are. */
function waitMs(
  used: readonly { readonly at: Instant; readonly units: number }[],
  units: number,
  allowances: readonly Allowance[],
  now: Instant,
): number {
  const waits = allowances.map(({ windowMs, most }) => {
    let left = used.reduce((sum, one) => sum + (one.at > now - windowMs ? one.units : 0), units);
    for (const one of used) {
      if (left <= most) return 0;
      if (one.at <= now - windowMs) continue;
      left -= one.units;
      if (left <= most) return one.at + windowMs - now;
    }
    return 0;
  });
  return Math.max(0, ...waits);
}
