import type { Instant } from '../../core/time.ts';

/** How the hours of the last settled days went, by class: 24 sums each. */
interface HourRhythm {
  readonly day: Instant;
  readonly classes: string;
  readonly hours: Float64Array;
}

/**
 * Remembers the rhythm of the hours for the rest of a UTC day, since a week of hours is the longest read of all and a day
 * changes little of it. Only the shape of what is to come rests on it, never what is spent.
 */
export interface HeldRhythm {
  /** @param classes what tells these classes from others */
  of(day: Instant, classes: string, read: () => Promise<Float64Array>): Promise<Float64Array>;
}

export function holdRhythm(): HeldRhythm {
  let held: HourRhythm | undefined;
  return {
    async of(day, classes, read) {
      if (held?.day === day && held.classes === classes) return held.hours;
      const hours = await read();
      held = { day, classes, hours };
      return hours;
    },
  };
}
