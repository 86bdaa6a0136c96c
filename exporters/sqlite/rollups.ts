import type { Window } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { split, subtract, union } from '../../agent/core/window.ts';
import { amountColumns, amountValues, tokensOfRow } from './amount-columns.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import type { KnownTraffic } from './registry.ts';
import type { UsageStore } from './usage.ts';

/**
 * Hours from minutes where minutes cover them, else from hour-long readings; days from hours. Grains never add. What has
 * aged stays: an hour whose minutes were given up is made of the hour-long readings they were folded into and keeps its
 * busiest minute, and a day whose hours were given up is not made anew.
 */
export interface Rollups {
  /** Puts every hour and day the window touches right. */
  renew(traffic: KnownTraffic, window: Window): void;
  /** Whether hour-long readings cover any of the window, so that a coverage change alone can move its hours. */
  hasHourGrain(traffic: KnownTraffic, window: Window): boolean;
  /** Whether the hour is made of minutes now. */
  isOfMinutes(traffic: KnownTraffic, hour: Window): boolean;
}

const sums = amountColumns.map((name) => `sum(${name})`).join(', ');

export function openRollups(
  db: Db,
  coverage: Coverage,
  usage: UsageStore,
  identities: Identities,
): Rollups {
  const range = 'identity_id = ? AND minute >= ? AND minute < ?';
  const dropHours = db.prepare(`DELETE FROM usage_hour WHERE ${range}`);
  const hoursFromMinutes = db.prepare(
    `INSERT INTO usage_hour SELECT identity_id, minute / 60 * 60, ${sums}, max(${tokensOfRow})
     FROM usage_minute WHERE ${range} GROUP BY 1, 2`,
  );
  const peaks = db
    .prepare(
      `SELECT minute, peak_tokens FROM usage_hour WHERE ${range} AND peak_tokens IS NOT NULL`,
    )
    .raw();
  const insertHour = db.prepare('INSERT INTO usage_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const dropDays = db.prepare(`DELETE FROM usage_day WHERE ${range}`);
  const daysFromHours = db.prepare(
    `INSERT INTO usage_day SELECT identity_id, minute / 1440 * 1440, ${sums}, max(peak_tokens)
     FROM usage_hour WHERE ${range} GROUP BY 1, 2`,
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

  /** The busiest minutes of hours whose minutes are gone, by identity and hour. */
  function keptPeaks(spans: SpansOf, coarse: readonly Window[], ids: readonly number[]) {
    const kept = new Map<string, number>();
    const fine = spans(60).flat();
    for (const span of coarse) {
      if (fine.some((minutes) => overlap(minutes, span))) continue;
      for (const id of ids) {
        const found = peaks.all(id, span.start / minuteMs, span.end / minuteMs);
        for (const [minute, peak] of found as [number, number][]) kept.set(`${id}@${minute}`, peak);
      }
    }
    return kept;
  }

  return {
    hasHourGrain: (traffic, window) =>
      spansOf(traffic)(3_600)
        .flat()
        .some((span) => overlap(span, window)),
    isOfMinutes: (traffic, hour) => hoursByHourGrain(spansOf(traffic), hour).length === 0,
    renew(traffic, window) {
      const hours = { start: floorTo(window.start, hourMs), end: ceilTo(window.end, hourMs) };
      const days = { start: floorTo(window.start, dayMs), end: ceilTo(window.end, dayMs) };
      const spans = spansOf(traffic);
      const coarse = hoursByHourGrain(spans, hours);
      const fine = subtract(hours, coarse);
      const ofHours = union(coarse).flatMap((span) => usage.ofHours(traffic.id, span));
      const ids = identities.idsOf(traffic.id);
      const keptPeak = keptPeaks(spans, coarse, ids);
      for (const id of ids) {
        dropHours.run(id, hours.start / minuteMs, hours.end / minuteMs);
        for (const span of fine) {
          hoursFromMinutes.run(id, span.start / minuteMs, span.end / minuteMs);
        }
      }
      for (const { identityId, start, amounts } of ofHours) {
        const minute = start / minuteMs;
        const peak = keptPeak.get(`${identityId}@${minute}`) ?? null;
        insertHour.run(identityId, minute, ...amountValues(amounts), peak);
      }
      for (const span of subtract(days, sealedDays(spans, days))) {
        for (const id of ids) {
          dropDays.run(id, span.start / minuteMs, span.end / minuteMs);
          daysFromHours.run(id, span.start / minuteMs, span.end / minuteMs);
        }
      }
    },
  };
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

function overlap(a: Window, b: Window): boolean {
  return a.start < b.end && b.start < a.end;
}
