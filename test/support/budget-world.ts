import type { Budget, BudgetDeps } from '../../agent/alerts/budgets/budget.ts';
import type { BillStatement } from '../../agent/core/bill.ts';
import type { IdentityRow, TargetStatus } from '../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Window } from '../../agent/core/time.ts';
import { memoryBills } from './bill-world.ts';
import { coveredSpan, identityRow, memoryReader } from './memory-reader.ts';
import type { MemoryLedger, StoredCoverage } from './memory-reader.ts';
import { targetStatus } from './target-status.ts';

/** One traffic of a world of budgets: what it spends each hour, and what of it was read. */
export interface WorldTraffic {
  readonly identity?: Partial<IdentityRow>;
  /** Dollars of an hour, at a thousand tokens each; undefined: it was silent. */
  readonly usd: (hour: number) => number | undefined;
  /** Hours that are told by their minutes: each has the same part. */
  readonly minutes?: Window;
  /** Spans that were read, up to now if it is not said. */
  readonly read?: readonly Window[];
  /** Until then nothing changes any more; all of it if it is not said. */
  readonly settledUntil?: number;
  /** Tokens of an hour, where they do not follow its dollars. */
  readonly tokens?: (hour: number) => number;
  /** Its tokens have no price. */
  readonly unpriced?: boolean;
  /** Of an hour's tokens those that were written, 0 to 1. */
  readonly written?: (hour: number) => number;
}

export interface BudgetWorld {
  readonly now: number;
  readonly budgets: readonly Partial<Budget>[];
  readonly traffics?: readonly WorldTraffic[];
  readonly bills?: readonly BillStatement[];
  readonly statuses?: (own: readonly TargetStatus[]) => readonly TargetStatus[];
  readonly deps?: Partial<BudgetDeps>;
  /** Days of history that hold traffic. */
  readonly days?: number;
}

/** A budget of a hundred dollars a month, to be changed where a test cares. */
export function budgetOf(change: Partial<Budget> = {}): Budget {
  return {
    name: 'all',
    amount: { unit: 'USD', nanoUsd: 100_000_000_000n },
    period: 'month',
    timezone: 'UTC',
    match: {},
    basis: 'estimated',
    estimate: 'best',
    alerts: [],
    notify: ['finops'],
    ...change,
  };
}

export function usd(amount: number): Budget['amount'] {
  return { unit: 'USD', nanoUsd: BigInt(Math.round(amount * 1e9)) };
}

/** What budgets are computed from, over hours of made-up traffic. */
export function budgetWorld(world: BudgetWorld): BudgetDeps {
  const { now, traffics = [], bills = [] } = world;
  const ledger = ledgerOf(traffics, now, world.days ?? 70);
  const own = ledger.identities.map(({ cloud, account, region, resource }) =>
    targetStatus({ cloud, account, region, resource, watermark: now, lastSuccess: now }),
  );
  const statuses = world.statuses?.(own) ?? own;
  return {
    reader: memoryReader(ledger),
    bills: memoryBills(bills),
    status: { sources: async () => statuses },
    clock: { now: () => now },
    budgets: world.budgets.map(budgetOf),
    teams: [{ kind: 'tag', tag: 'team' }],
    currencies: [],
    ...world.deps,
  };
}

function ledgerOf(traffics: readonly WorldTraffic[], now: number, days: number): MemoryLedger {
  const begin = Math.floor(now / dayMs) * dayMs - days * dayMs;
  const identities = traffics.map(({ identity }, index) =>
    identityRow({ id: index + 1, ...identity }),
  );
  const amounts = traffics.flatMap((traffic, index): MemoryLedger['amounts'] => {
    const rows: MemoryLedger['amounts'][number][] = [];
    for (let hour = begin; hour < now; hour += hourMs) {
      const spent = traffic.usd(hour);
      if (spent === undefined) continue;
      const { minutes } = traffic;
      const byMinute = minutes !== undefined && minutes.start <= hour && hour < minutes.end;
      const count = byMinute || hour + hourMs > now ? 60 : 1;
      for (let part = 0; part < count; part += 1) {
        const start = hour + part * minuteMs;
        if (start >= now) break;
        const nano = BigInt(Math.round((spent * 1e9) / count));
        const tokens = (traffic.tokens?.(hour) ?? spent * 1_000) / count;
        const output = tokens * (traffic.written?.(hour) ?? 0);
        rows.push({
          identityId: index + 1,
          start,
          period: count === 60 ? 'minute' : 'hour',
          amounts: { input: tokens - output, output },
          ...(traffic.unpriced === true
            ? {}
            : { cost: { low: nano / 2n, best: nano, high: nano * 2n } }),
        });
      }
    }
    return rows;
  });
  const coverage = traffics.flatMap((traffic, index): StoredCoverage[] => {
    const { read = [{ start: 0, end: now }], settledUntil = now } = traffic;
    return read
      .flatMap((span) => [
        coveredSpan(index + 1, { start: span.start, end: Math.min(span.end, settledUntil) }),
        coveredSpan(
          index + 1,
          { start: Math.max(span.start, settledUntil), end: span.end },
          {
            settled: false,
          },
        ),
      ])
      .filter(({ start, end }) => start < end);
  });
  return { identities, amounts, latency: [], coverage };
}
