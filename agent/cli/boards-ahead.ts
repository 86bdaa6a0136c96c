import type { ExplainCost } from '../core/evidence.ts';
import { dayMs, floorTo, hourMs } from '../core/time.ts';
import type { Instant } from '../core/time.ts';
import type { Ledger } from '../core/store.ts';
import type { TeamRule } from '../query/dimensions.ts';
import { lastTwoWeeks, queryChanges } from '../query/changes.ts';
import { queryUsage } from '../query/usage.ts';

/** Of fewer everything is answered in no time. */
const leastIdentities = 500;

/**
 * Answers what boards open with before somebody asks, this month, the last week, and what changed in a week: the first time is long
 * where there are many series.
 */
export async function answerAhead(
  ledger: Ledger,
  explainCost: ExplainCost,
  teams: readonly TeamRule[],
  now: Instant,
): Promise<void> {
  if ((await ledger.identities()).length < leastIdentities) return;
  const month = new Date(now).toISOString().slice(0, 7);
  const week = floorTo(now - 7 * dayMs, hourMs);
  for (const [from, stepMs] of [
    [Date.parse(`${month}-01T00:00:00Z`), 'total'],
    [week, 'total'],
    [week, hourMs],
  ] as const) {
    await queryUsage(ledger, { from, to: now, stepMs, groupBy: [], filters: new Map(), teams });
  }
  for (const dimension of ['model', 'team'] as const) {
    await queryChanges(
      { usage: ledger, cards: ledger, explainCost },
      { ...lastTwoWeeks(now), groupBy: [dimension], filters: new Map(), teams },
    );
  }
}
