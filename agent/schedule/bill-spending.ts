import type { BillCollector, BillScope } from '../core/bill.ts';
import { dayMs, floorTo } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import { everyMsOf } from './bill-due.ts';
import type { BillPiece } from './bill-due.ts';
import { times } from './predict.ts';
import type { SpendLimits } from './spend-limits.ts';

/** What asking one scope costs at list price. Nano-dollars. */
export interface BillCost {
  readonly callsPerDay: number;
  /** Of an ordinary day: its open days, as often as they are asked for. */
  readonly nanoUsdPerDay: bigint;
  /** Of the history that is due, once. */
  readonly historyCalls: number;
  readonly historyNanoUsd: bigint;
}

/** What the work of a scope costs, open days and history apart. */
export function costOfBills(
  collector: Pick<BillCollector, 'price'>,
  scope: BillScope,
  work: readonly BillPiece[],
): BillCost {
  const priceOf = (kind: BillPiece['kind']) => {
    let calls = 0;
    let nanoUsd = 0n;
    for (const piece of work) {
      if (piece.kind !== kind) continue;
      const price = collector.price?.(scope, piece.days);
      calls += price?.calls ?? 1;
      nanoUsd += price?.costNanoUsd ?? 0n;
    }
    return { calls, nanoUsd };
  };
  const perDay = dayMs / everyMsOf(scope);
  const [open, history] = [priceOf('open'), priceOf('history')];
  return {
    callsPerDay: Math.ceil(open.calls * perDay),
    nanoUsdPerDay: times(open.nanoUsd, perDay),
    historyCalls: history.calls,
    historyNanoUsd: history.nanoUsd,
  };
}

/** Tells the spend limit of one source what its bills cost a day. */
export interface BillSpending {
  /** The scopes there are; what others cost is forgotten. */
  keep(scopes: ReadonlySet<string>): void;
  report(scope: string, cost: BillCost, now: Instant): void;
}

export function createBillSpending(limits: SpendLimits | undefined, source: string): BillSpending {
  const costs = new Map<string, BillCost>();
  /** The most history that was due on the day so far; what is asked of it is spent, not left. */
  let history = { day: 0, nanoUsd: 0n };

  function predict(now: Instant): void {
    let [day, due] = [0n, 0n];
    for (const { nanoUsdPerDay, historyNanoUsd } of costs.values()) {
      day += nanoUsdPerDay;
      due += historyNanoUsd;
    }
    const today = floorTo(now, dayMs);
    if (history.day !== today || due > history.nanoUsd) history = { day: today, nanoUsd: due };
    limits?.predict(source, day + history.nanoUsd, 'bills');
  }

  return {
    keep(scopes) {
      for (const scope of costs.keys()) if (!scopes.has(scope)) costs.delete(scope);
    },
    report(scope, cost, now) {
      costs.set(scope, cost);
      predict(now);
    },
  };
}
