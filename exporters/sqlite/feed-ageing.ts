import type { Instant, Window } from '../../agent/core/time.ts';
import { ceilTo, dayMs, hourMs, minuteMs } from '../../agent/core/time.ts';
import { intersect, overlap, subtract } from '../../agent/core/window.ts';
import type { Db } from './database.ts';
import type { FeedNames } from './feed-names.ts';
import type { FeedRows } from './feed-rows.ts';
import type { FeedTold } from './feed-told.ts';
import type { FeedTotals } from './feed-totals.ts';
import type { Identities } from './identities.ts';
import type { Registry } from './registry.ts';

export interface FeedAgeingParts {
  readonly db: Db;
  readonly registry: Registry;
  readonly identities: Identities;
  readonly names: FeedNames;
  readonly rows: FeedRows;
  readonly told: FeedTold;
  readonly totals: FeedTotals;
}

/**
 * Before rows are given up: what feeds have told of them is kept as a sum where the next grain could not say it apart. What
 * of such an hour or day was not told by then is never told; it shows as a correction.
 */
export interface FeedAgeing {
  beforeMinutesGo(hour: Instant): void;
  beforeHoursGo(day: Instant): void;
  /** All days before the moment go. */
  beforeDaysGo(cut: Instant): void;
  /** Another object after each step: who has looked at the rows before looks again. */
  generation(): object;
}

interface Touched {
  readonly feed_id: number;
  readonly since_minute: number;
  readonly traffic_id: number;
}

export function openFeedAgeing(parts: FeedAgeingParts): FeedAgeing {
  const { db, registry, identities, names, rows, told, totals } = parts;
  const partly = db.prepare<[number, number, number, number], Touched>(
    `SELECT DISTINCT feed_id, since_minute, traffic_id FROM feed_told JOIN feed ON feed.id = feed_id
     WHERE gone = 0 AND ((start_minute > ? AND start_minute < ?) OR (end_minute > ? AND end_minute < ?))`,
  );
  const before = db.prepare<[number], Touched>(
    `SELECT DISTINCT feed_id, since_minute, traffic_id FROM feed_told JOIN feed ON feed.id = feed_id
     WHERE gone = 0 AND start_minute < ?`,
  );

  let generation = {};

  function keepSums(
    feedId: number,
    trafficId: number,
    windows: readonly Window[],
    grain: 'minute' | 'hour' | 'day',
  ): void {
    const traffic = registry.traffic(trafficId);
    for (const identity of identities.all(trafficId)) {
      const sums = rows.sumAt(identity.id, windows, grain);
      if (sums !== undefined) totals.addGone(feedId, names.of(traffic, identity).id, sums);
    }
  }

  function close(period: Window, grain: 'minute' | 'hour', stepMs: number): void {
    generation = {};
    const [start, end] = [period.start / minuteMs, period.end / minuteMs];
    for (const one of partly.all(start, end, start, end)) {
      const spans = told.of(one.feed_id, one.traffic_id);
      const gone = spans.told.flatMap((span) => subtract(span, spans.counted));
      const since = ceilTo(one.since_minute * minuteMs, stepMs);
      const open = intersect(period, { start: since, end: period.end });
      if (open !== undefined) {
        keepSums(one.feed_id, one.traffic_id, subtract(open, gone), grain);
      }
      told.retire(one.feed_id, one.traffic_id, [period]);
    }
  }

  return {
    beforeMinutesGo: (hour) => close({ start: hour, end: hour + hourMs }, 'minute', minuteMs),
    beforeHoursGo: (day) => close({ start: day, end: day + dayMs }, 'hour', hourMs),
    generation: () => generation,
    beforeDaysGo(cut) {
      generation = {};
      for (const { feed_id: feedId, traffic_id: trafficId } of before.all(cut / minuteMs)) {
        const old = { start: 0, end: cut };
        const counted = told
          .of(feedId, trafficId)
          .counted.filter((span) => overlap(span, old))
          .map((span) => ({ start: span.start, end: Math.min(span.end, cut) }));
        keepSums(feedId, trafficId, counted, 'day');
        told.retire(feedId, trafficId, counted);
      }
    },
  };
}
