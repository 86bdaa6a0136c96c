import type { Window } from '../../agent/core/time.ts';
import { ceilTo, dayMs, floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { split, subtract, union } from '../../agent/core/window.ts';
import { amountColumns, amountValues, tokensOfRow } from './amount-columns.ts';
import type { Coverage } from './coverage.ts';
import type { Db } from './database.ts';
import type { Identities } from './identities.ts';
import type { KnownTraffic } from './registry.ts';
import type { UsageStore } from './usage.ts';

/** Hours from minutes where minutes cover them, else from hour-long readings; days from hours. Grains never add. */
export interface Rollups {
  /** Puts every hour and day the window touches right. */
  renew(traffic: KnownTraffic, window: Window): void;
  /** Whether hour-long readings cover any of the window, so that a coverage change alone can move its hours. */
  hasHourGrain(traffic: KnownTraffic, window: Window): boolean;
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
  const insertHour = db.prepare(
    'INSERT INTO usage_hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)',
  );
  const dropDays = db.prepare(`DELETE FROM usage_day WHERE ${range}`);
  const daysFromHours = db.prepare(
    `INSERT INTO usage_day SELECT identity_id, minute / 1440 * 1440, ${sums}, max(peak_tokens)
     FROM usage_hour WHERE ${range} GROUP BY 1, 2`,
  );

  function spansOf(traffic: KnownTraffic, periodSeconds: number): readonly (readonly Window[])[] {
    const units = new Set(
      traffic.series
        .filter((one) => one.measure.kind === 'tokens' || one.measure.kind === 'requests')
        .map((one) => one.unitId),
    );
    return [...units].map((unit) =>
      union(coverage.of(unit).filter((span) => span.periodSeconds === periodSeconds)),
    );
  }

  /** Hours hour-long readings cover and minutes do not, by all meters of the traffic. */
  function hoursByHourGrain(traffic: KnownTraffic, hours: Window): readonly Window[] {
    const coarse = union(spansOf(traffic, 3_600).flat());
    if (!coarse.some((span) => span.start < hours.end && span.end > hours.start)) return [];
    const fine = spansOf(traffic, 60);
    return split(hours, hourMs).filter((hour) => {
      const missing = fine.some((spans) => subtract(hour, spans).length > 0);
      return missing && subtract(hour, coarse).length === 0;
    });
  }

  return {
    hasHourGrain: (traffic, window) =>
      spansOf(traffic, 3_600)
        .flat()
        .some((span) => span.start < window.end && span.end > window.start),
    renew(traffic, window) {
      const hours = { start: floorTo(window.start, hourMs), end: ceilTo(window.end, hourMs) };
      const days = { start: floorTo(window.start, dayMs), end: ceilTo(window.end, dayMs) };
      const coarse = hoursByHourGrain(traffic, hours);
      const fine = subtract(hours, coarse);
      const ofHours = coarse.flatMap((hour) => usage.ofHours(traffic.id, hour));
      const ids = identities.idsOf(traffic.id);
      for (const id of ids) {
        dropHours.run(id, hours.start / minuteMs, hours.end / minuteMs);
        for (const span of fine) {
          hoursFromMinutes.run(id, span.start / minuteMs, span.end / minuteMs);
        }
      }
      for (const row of ofHours) {
        insertHour.run(row.identityId, row.start / minuteMs, ...amountValues(row.amounts));
      }
      for (const id of ids) {
        dropDays.run(id, days.start / minuteMs, days.end / minuteMs);
        daysFromHours.run(id, days.start / minuteMs, days.end / minuteMs);
      }
    },
  };
}
