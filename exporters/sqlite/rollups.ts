import type { Instant, Window } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { overlap, split, subtract, union } from '../../agent/core/window.ts';
import { amountNames } from '../../agent/core/usage.ts';
import type { Amounts } from '../../agent/core/usage.ts';
import { amountColumns, amountsFrom, amountValues } from './amount-columns.ts';
import { costSums, tokensOfRow } from './amount-columns.ts';
import type { AmountRecord, CostRecord } from './amount-columns.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import type { CostValues, Rating } from './rating.ts';
import type { KnownTraffic } from './registry.ts';
import type { IdentifiedRow, UsageStore } from './usage.ts';

/**
 * Hours from minutes where minutes cover them, else from hour-long readings; days from hours. Grains never add. What has
 * aged stays: an hour whose minutes were given up is made of the hour-long readings they were folded into and keeps its
 * busiest minute and, while its amounts and prices stay, its cost; a day whose hours were given up is not made anew.
 */
export interface Rollups {
  /** Puts every hour and day the window touches right; `rated`: costs that aged are rated anew too. */
  renew(traffic: KnownTraffic, window: Window, rated?: boolean): void;
  /** Whether hour-long readings cover any of the window, so that a coverage change alone can move its hours. */
  hasHourGrain(traffic: KnownTraffic, window: Window): boolean;
  /** Whether the hour is made of minutes now. */
  isOfMinutes(traffic: KnownTraffic, hour: Window): boolean;
}

const sums = amountColumns.map((name) => `sum(${name})`).join(', ');
const moneySums = costSums.join(', ');

export function openRollups(
  db: Db,
  coverage: Coverage,
  usage: UsageStore,
  identities: Identities,
  rating: Rating,
): Rollups {
  const range = 'identity_id = ? AND minute >= ? AND minute < ?';
  const dropHours = db.prepare(`DELETE FROM usage_hour WHERE ${range}`);
  // An hour or a day a statement: one for many would have to sort its rows first, which costs more.
  const hourFromMinutes = db.prepare(
    `INSERT OR REPLACE INTO usage_hour SELECT identity_id, ?, ${sums}, max(${tokensOfRow}), ${moneySums}
     FROM usage_minute WHERE ${range} GROUP BY identity_id`,
  );
  const hours = db.prepare<[number, number, number], StoredHour>(
    `SELECT * FROM usage_hour WHERE ${range} AND peak_tokens IS NOT NULL`,
  );
  const insertHour = db.prepare(
    'INSERT INTO usage_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const dropDays = db.prepare(`DELETE FROM usage_day WHERE ${range}`);
  const dayFromHours = db.prepare(
    `INSERT OR REPLACE INTO usage_day SELECT identity_id, ?, ${sums}, max(peak_tokens), ${moneySums}
     FROM usage_hour WHERE ${range} GROUP BY identity_id`,
  );

  /** By meter of the traffic: where it was read at a period. Coverage itself is asked once. */
  function spansOf(traffic: KnownTraffic): SpansOf {
    const units = new Set(
      traffic.series
        .filter((one) => one.measure.kind === 'tokens' || one.measure.kind === 'requests')
        .map((one) => one.unitId),
    );
    const known = [...units].map((unit) => coverage.of(unit));
    return (periodSeconds) =>
      known.map((spans) => union(spans.filter((span) => span.periodSeconds === periodSeconds)));
  }

  /** Hours whose minutes are gone, by identity and hour: what is known of them from when they were there. */
  function keptHours(spans: SpansOf, coarse: readonly Window[], ids: readonly number[]) {
    const kept = new Map<string, StoredHour>();
    const fine = spans(60).flat();
    for (const span of coarse) {
      if (fine.some((minutes) => overlap(minutes, span))) continue;
      for (const id of ids) {
        const found = hours.all(id, span.start / minuteMs, span.end / minuteMs);
        for (const hour of found) kept.set(`${id}@${hour.minute}`, hour);
      }
    }
    return kept;
  }

  /** By the minute while minutes were known: that is closer than what an hour's sums can tell. */
  function costsOf(
    traffic: KnownTraffic,
    { row: { start, amounts }, identity }: IdentifiedRow,
    before: StoredHour | undefined,
    rated: boolean,
  ): CostValues {
    if (before !== undefined && !rated && isSame(amountsFrom(before), amounts)) {
      const { cost, cost_low: low, cost_high: high, unpriced } = before;
      return [cost, low, high, unpriced === null ? null : Number(unpriced)];
    }
    const peakTokens = before?.peak_tokens ?? null;
    return rating.of(traffic, identity, { start, periodSeconds: 3_600, amounts, peakTokens });
  }

  /** Whether minutes alone are known of the traffic from a moment on, as of nearly all that is new. */
  function isOfMinutesSince(traffic: KnownTraffic, since: Instant): boolean {
    if (!coverage.hasCoarse) return true;
    return coverage.coarseUntil(traffic.series.map((one) => one.unitId)) <= since;
  }

  return {
    hasHourGrain: (traffic, window) =>
      !isOfMinutesSince(traffic, window.start) &&
      spansOf(traffic)(3_600)
        .flat()
        .some((span) => overlap(span, window)),
    isOfMinutes: (traffic, hour) => hoursByHourGrain(spansOf(traffic), hour).length === 0,
    renew(traffic, window, rated = false) {
      const whole = { start: floorTo(window.start, hourMs), end: ceilTo(window.end, hourMs) };
      const days = { start: floorTo(window.start, dayMs), end: ceilTo(window.end, dayMs) };
      const spans = isOfMinutesSince(traffic, days.start) ? () => [] : spansOf(traffic);
      const coarse = hoursByHourGrain(spans, whole);
      const fine = subtract(whole, coarse).flatMap((span) => split(span, hourMs));
      const ofHours = union(coarse).flatMap((span) => usage.ofHours(traffic.id, span));
      const ids = identities.idsOf(traffic.id);
      const kept = keptHours(spans, coarse, ids);
      for (const id of ids) {
        for (const hour of coarse) dropHours.run(id, hour.start / minuteMs, hour.end / minuteMs);
        for (const hour of fine) renewOne(hourFromMinutes, dropHours, id, hour);
      }
      for (const one of ofHours) {
        const minute = one.row.start / minuteMs;
        const before = kept.get(`${one.identity.id}@${minute}`);
        const values = amountValues(one.row.amounts);
        const costs = costsOf(traffic, one, before, rated);
        insertHour.run(one.identity.id, minute, ...values, before?.peak_tokens ?? null, ...costs);
      }
      for (const span of subtract(days, sealedDays(spans, days))) {
        for (const day of split(span, dayMs)) {
          for (const id of ids) renewOne(dayFromHours, dropDays, id, day);
        }
      }
    },
  };
}

interface Statement {
  run(...values: readonly number[]): { readonly changes: number };
}

/** An hour or a day in the place of the one there was: mostly there is one, so it is dropped only where nothing comes. */
function renewOne(replace: Statement, drop: Statement, id: number, { start, end }: Window): void {
  const [from, to] = [start / minuteMs, end / minuteMs];
  if (replace.run(from, id, from, to).changes === 0) drop.run(id, from, to);
}

interface StoredHour extends AmountRecord, CostRecord {
  readonly minute: number;
  readonly peak_tokens: number;
}

function isSame(a: Amounts, b: Amounts): boolean {
  return amountNames.every((name) => a[name] === b[name]);
}

/** Sorted spans of each meter, of one period in seconds. */
type SpansOf = (periodSeconds: number) => readonly (readonly Window[])[];

/**
 * Hours that are made of hour-long readings: those cover the hour and some meter's minutes do not. Of an hour that was
 * read in part and has aged they cover as much as is known, and no minute is covered any more.
 */
function hoursByHourGrain(spans: SpansOf, hours: Window): readonly Window[] {
  const coarse = union(spans(3_600).flat());
  if (!coarse.some((span) => overlap(span, hours))) return [];
  const fine = spans(60);
  return split(hours, hourMs).filter((hour) => {
    const missing = fine.some((read) => subtract(hour, read).length > 0);
    if (!missing) return false;
    return subtract(hour, coarse).length === 0 || isAged(hour, coarse, fine);
  });
}

/** Days whose hours were given up and not all read again. */
function sealedDays(spans: SpansOf, days: Window): readonly Window[] {
  const sealed = union(spans(86_400).flat());
  if (!sealed.some((span) => overlap(span, days))) return [];
  const minutes = spans(60);
  const known = spans(3_600).map((hours, index) => union([...hours, ...(minutes[index] ?? [])]));
  return split(days, dayMs).filter(
    (day) =>
      sealed.some((span) => overlap(span, day)) &&
      known.some((read) => subtract(day, read).length > 0),
  );
}

function isAged(
  hour: Window,
  coarse: readonly Window[],
  fine: readonly (readonly Window[])[],
): boolean {
  return (
    coarse.some((span) => overlap(span, hour)) &&
    !fine.some((spans) => spans.some((span) => overlap(span, hour)))
  );
}
