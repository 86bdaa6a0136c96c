import { dayMs, secondMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';

/** A time as a wall clock shows it, in milliseconds as if it were UTC. */
export type LocalTime = number;

/** One IANA time zone's clock. */
export interface Zone {
  readonly name: string;
  /** What the wall clock shows at an instant, to the second. */
  localTime(at: Instant): LocalTime;
  /**
   * The first instant of a local day: of a midnight that happens twice the earlier one, of one that is skipped the end of
   * the gap. So a day that a zone left out has no length, and days follow each other without hole or overlap.
   * @param day local midnight
   */
  startOfDay(day: LocalTime): Instant;
}

/** Most budgets' zone, which spares a process the 6 MB that `Intl` reads for a clock. */
const utc: Zone = {
  name: 'UTC',
  localTime: (at) => Math.floor(at / secondMs) * secondMs,
  startOfDay: (day) => day,
};

/** Throws a RangeError for a name that is no time zone. Knows what the runtime's time zone data knows. */
export function zoneOf(name: string): Zone {
  if (name === utc.name) return utc;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

  function localTime(at: Instant): LocalTime {
    const found = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => found.get(type) ?? 0;
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
  }

  /** Local minus UTC, whole seconds as the clock shows them. */
  function offsetAt(at: Instant): number {
    return localTime(at) - Math.floor(at / secondMs) * secondMs;
  }

  function startOfDay(day: LocalTime): Instant {
    // No offset is a day long, so a day on either side sees the one before and the one after.
    const offsets = [offsetAt(day - dayMs), offsetAt(day + dayMs)];
    const candidates = offsets.map((offset) => day - offset);
    const hits = candidates.filter((instant) => localTime(instant) === day);
    if (hits.length > 0) return Math.min(...hits);
    return firstAtOrAfter(Math.min(...candidates), Math.max(...candidates), day);
  }

  /** The jump between two instants, the earlier one showing less than `day` and the later one more. */
  function firstAtOrAfter(before: Instant, after: Instant, day: LocalTime): Instant {
    let low = before;
    let high = after;
    while (high - low > secondMs) {
      const middle = Math.floor((low + high) / 2 / secondMs) * secondMs;
      if (localTime(middle) < day) low = middle;
      else high = middle;
    }
    return high;
  }

  return { name, localTime, startOfDay };
}
