import type { Target } from '../../agent/core/collector.ts';
import type { CoverageSpan } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { DueWindow } from '../../agent/schedule/due.ts';

/** What the ledger promises of coverage, kept the long way round: period by period, unit by unit. */
export interface CoverageBook {
  /** Notes a window as read whole at `at`. A period settles once read at its end plus the meter's settle time. */
  read(due: DueWindow, at: Instant): void;
  /** By unit key, as the ledger answers. */
  coverage(): ReadonlyMap<string, readonly CoverageSpan[]>;
  /** Whether the unit's minute is settled, read by periods of at most `periodSeconds`. */
  isSettled(unitKey: string, minute: Instant, periodSeconds: number): boolean;
}

export function createCoverageBook(target: Target): CoverageBook {
  const settle = new Map(target.rows.map((row) => [row.id, row.settleSeconds]));
  const pages = new Map<string, Map<Instant, boolean>>();
  const pageOf = (unitKey: string, periodSeconds: number) => {
    const name = `${periodSeconds}@${unitKey}`;
    const page = pages.get(name) ?? new Map<Instant, boolean>();
    pages.set(name, page);
    return page;
  };
  return {
    read({ window, periodSeconds, units }, at) {
      const periodMs = periodSeconds * 1_000;
      for (const unit of units) {
        const page = pageOf(unit.key, periodSeconds);
        const settleMs = (settle.get(unit.rowId) ?? 0) * 1_000;
        for (let start = window.start; start + periodMs <= window.end; start += periodMs) {
          page.set(start, page.get(start) === true || start + periodMs + settleMs <= at);
        }
      }
    },
    coverage: () =>
      new Map(
        target.units.map((unit) => [
          unit.key,
          [60, 3_600].flatMap((period) => spansOf(pageOf(unit.key, period), period)),
        ]),
      ),
    isSettled: (unitKey, minute, periodSeconds) =>
      [60, 3_600].some((period) => {
        const start = Math.floor(minute / (period * 1_000)) * period * 1_000;
        return period <= periodSeconds && pageOf(unitKey, period).get(start) === true;
      }),
  };
}

function spansOf(
  page: ReadonlyMap<Instant, boolean>,
  periodSeconds: number,
): readonly CoverageSpan[] {
  const spans: CoverageSpan[] = [];
  for (const [start, settled] of [...page].toSorted(([a], [b]) => a - b)) {
    const last = spans.at(-1);
    const end = start + periodSeconds * 1_000;
    if (last?.end === start && last.settled === settled) {
      spans[spans.length - 1] = { ...last, end };
    } else spans.push({ start, end, periodSeconds, settled });
  }
  return spans;
}
