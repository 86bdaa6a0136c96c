import type { Instant, Window } from '../../core/time.ts';
import type { SpendHistory } from './forecast.ts';
import type { Knowledge } from './known.ts';
import type { Measure } from './spans.ts';
import type { LedgerSums } from './sums.ts';

/** What some classes used over a span up to now, and what is known of it. */
export interface Spent {
  /** Nano-dollars, or tokens. */
  readonly amount: number;
  /** Tokens without a price among them, and all. */
  readonly unpriced: number;
  readonly tokens: number;
  /** 0 to 1; null where nothing was ever read. */
  readonly coverage: number;
  readonly least: number;
  readonly settled: number | null;
  readonly until: Instant | null;
  readonly isBlind: boolean;
}

/** Sums of classes, worked out once for every list of classes. */
export interface Spending {
  readonly now: Instant;
  over(classes: readonly number[], measure: Measure, past: Window): Promise<Spent>;
  /** Amounts alone, of any span. */
  amount(classes: readonly number[], measure: Measure, span: Window): Promise<number>;
  history(classes: readonly number[], measure: Measure): SpendHistory;
}

export function createSpending(sums: LedgerSums, knowledge: Knowledge): Spending {
  const { days, dayCount, daily } = sums;
  const known = new Map<string, ReturnType<Knowledge['over']>>();
  const histories = new WeakMap<readonly number[], Map<Measure, SpendHistory>>();
  let settled: Uint8Array | undefined;

  function knownOver(past: Window) {
    const key = `${past.start} ${past.end}`;
    const found = known.get(key) ?? knowledge.over(past);
    known.set(key, found);
    return found;
  }

  function readHistory(classes: readonly number[], measure: Measure): SpendHistory {
    settled ??= knowledge.settledDays(days);
    const whole = new Float64Array(dayCount);
    const unsure = new Uint8Array(dayCount);
    const hours = Array.from({ length: 24 }, () => 0);
    const column = daily[measure];
    for (const one of classes) {
      const row = one * dayCount;
      for (let day = 0; day < dayCount; day += 1) {
        whole[day] = (whole[day] ?? 0) + (column[row + day] ?? 0);
        if (settled[row + day] === 0) unsure[day] = 1;
      }
      for (let hour = 0; hour < 24; hour += 1) {
        hours[hour] = (hours[hour] ?? 0) + (sums.hours[one * 24 + hour] ?? 0);
      }
    }
    const told: (number | null)[] = [];
    for (let day = 0; day < dayCount; day += 1) {
      told.push(unsure[day] === 1 ? null : (whole[day] ?? 0));
    }
    return sameAsLast(classes, measure, { firstDay: days.start, days: told, hours });
  }

  return {
    now: sums.now,
    async over(classes, measure, past) {
      const {
        [measure]: amounts,
        unpriced: unpricedTokens,
        tokens: allTokens,
      } = await sums.over(past);
      const byClass = knownOver(past);
      let [amount, unpriced, tokens, firm] = [0, 0, 0, 0];
      let [expectedMs, coveredMs, settledMs, least] = [0, 0, 0, 1];
      let until: Instant | null = null;
      let newest: Instant | null = null;
      let isBlind = false;
      for (const one of classes) {
        const what = byClass[one];
        const part = amounts[one] ?? 0;
        amount += part;
        unpriced += unpricedTokens[one] ?? 0;
        tokens += allTokens[one] ?? 0;
        if (what === undefined) continue;
        expectedMs += what.expectedMs;
        coveredMs += what.coveredMs;
        settledMs += what.settledMs;
        firm += part * (what.expectedMs === 0 ? 1 : what.settledMs / what.expectedMs);
        least = Math.min(least, what.least);
        isBlind ||= what.isBlind;
        if (what.until !== null) until = Math.min(until ?? what.until, what.until);
        if (what.newest !== null) newest = Math.max(newest ?? what.newest, what.newest);
      }
      const wasRead = newest !== null || amount !== 0;
      const ofTime = expectedMs === 0 ? 1 : settledMs / expectedMs;
      return {
        amount,
        unpriced,
        tokens,
        coverage: expectedMs === 0 ? Number(wasRead) : coveredMs / expectedMs,
        least,
        settled: wasRead ? clamp(amount > 0 ? firm / amount : ofTime) : null,
        until: until ?? newest ?? (wasRead ? sums.now : null),
        isBlind,
      };
    },
    async amount(classes, measure, span) {
      const amounts = (await sums.over(span))[measure];
      let sum = 0;
      for (const one of classes) sum += amounts[one] ?? 0;
      return sum;
    },
    history(classes, measure) {
      const ofClasses = histories.get(classes) ?? new Map<Measure, SpendHistory>();
      histories.set(classes, ofClasses);
      const found = ofClasses.get(measure) ?? readHistory(classes, measure);
      ofClasses.set(measure, found);
      return found;
    },
  };
}

/** By list of classes, and forgotten with it. */
const lastHistories = new WeakMap<readonly number[], Map<Measure, SpendHistory>>();

/** The same object as the last time where nothing of it is another, so that what rests on it is not worked out again. */
function sameAsLast(
  classes: readonly number[],
  measure: Measure,
  history: SpendHistory,
): SpendHistory {
  const byMeasure = lastHistories.get(classes) ?? new Map<Measure, SpendHistory>();
  lastHistories.set(classes, byMeasure);
  const last = byMeasure.get(measure);
  const isSame =
    last?.firstDay === history.firstDay &&
    isSameList(last.days, history.days) &&
    isSameList(last.hours, history.hours);
  if (isSame) return last;
  byMeasure.set(measure, history);
  return history;
}

function isSameList<Value>(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place += 1) if (a[place] !== b[place]) return false;
  return true;
}

function clamp(share: number): number {
  return Math.min(Math.max(share, 0), 1);
}
