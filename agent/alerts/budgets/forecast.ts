import type { Expected } from '../../core/budget.ts';
import { dayMs, floorTo, hourMs } from '../../core/time.ts';
import type { Instant, Window } from '../../core/time.ts';
import { levelOf } from './level.ts';
import type { Level } from './level.ts';
import { tNineTenths } from './robust.ts';
import { weekdayOf, weekRhythm } from './weekdays.ts';
import type { DaySum } from './weekdays.ts';

/** What was spent in whole UTC days, and how a day goes. */
export interface SpendHistory {
  /** Midnight UTC. */
  readonly firstDay: Instant;
  /** Oldest first, one UTC day after the other. */
  readonly days: readonly DaySum[];
  /** What each hour of a UTC day has of it, in any unit; without any all hours are alike. */
  readonly hours: readonly number[];
}

/** Fewer known days tell nothing. */
const fewestDays = 3;

/** The level is told by the newest days, the rhythm of the week by all. */
const levelDays = 28;

/** A day of the week nobody saw yet may differ from the others by so much. */
const unseenRhythm = 0.25;

/** What a history says of any span after it. */
interface Shape {
  /** How many weeks told of the rhythm. */
  readonly weeks: number;
  /** By weekday, Sunday first. */
  readonly factors: readonly number[];
  readonly level: Level;
  readonly share: (sinceMidnight: number) => number;
}

/** Forgotten with the histories, which are never changed. */
const knownShapes = new WeakMap<SpendHistory, Shape>();

function shapeOf(history: SpendHistory): Shape {
  const known = knownShapes.get(history);
  if (known !== undefined) return known;
  const { days, firstDay } = sinceFirstUse(history);
  const rhythm = weekRhythm(days, firstDay);
  const factors = rhythm.factors.map((factor) => Math.max(factor, 0.01));
  const level = levelOf(newestEven(days, firstDay, factors));
  const made = { weeks: rhythm.weeks, factors, level, share: shareOfDay(history.hours) };
  knownShapes.set(history, made);
  return made;
}

/**
 * What will be spent over a span after the history, from the level of the newest days, the rhythm of the week and that of
 * the day; with the span that holds it four times in five as long as days go on as they did. It knows no trend and no plan.
 * Null where fewer than three settled days are known.
 */
export function forecastRest(history: SpendHistory, rest: Window): Expected | null {
  if (rest.start >= rest.end) return { mean: 0, low: 0, high: 0 };
  const { weeks, factors, level, share } = shapeOf(history);
  if (level.days < fewestDays) return null;

  let load = 0;
  let noise = 0;
  const byWeekday = [0, 0, 0, 0, 0, 0, 0];
  for (let day = floorTo(rest.start, dayMs); day < rest.end; day += dayMs) {
    const weekday = weekdayOf(day);
    const factor = factors[weekday] ?? 1;
    const isWhole = rest.start <= day && day + dayMs <= rest.end;
    const part = isWhole ? 1 : share(rest.end - day) - share(rest.start - day);
    const weight = factor * part;
    load += weight;
    noise += factor ** 2 * part;
    byWeekday[weekday] = (byWeekday[weekday] ?? 0) + weight;
  }
  // Days that tell of each other average out more slowly, in the history as in what comes.
  const persistence = (1 + level.persistence) / (1 - level.persistence);
  const ofLevel = (load ** 2 * persistence) / level.days;
  let ofWeekdays = 0;
  for (const weight of byWeekday) ofWeekdays += weight ** 2;
  const perWeekday = weeks === 0 ? 0 : ofWeekdays / (weeks + 0.5);
  const seen = level.deviation ** 2 * (noise * persistence + ofLevel + perWeekday);
  const unseen = weeks === 0 ? (unseenRhythm * level.mean) ** 2 * ofWeekdays : 0;
  const reach = tNineTenths(level.days - 1) * Math.sqrt(seen + unseen);
  const mean = level.mean * load;
  return { mean, low: Math.max(mean - reach, 0), high: mean + reach };
}

/** Known days without the rhythm of the week, oldest first: the newest of them. */
function newestEven(
  days: readonly DaySum[],
  firstDay: Instant,
  factors: readonly number[],
): readonly number[] {
  const found: number[] = [];
  for (let index = days.length - 1; index >= 0 && found.length < levelDays; index -= 1) {
    const value = days[index] ?? null;
    if (value === null) continue;
    found.push(value / (factors[weekdayOf(firstDay + index * dayMs)] ?? 1));
  }
  return found.toReversed();
}

/** What was not used yet has no days of nothing. */
function sinceFirstUse({ days, firstDay }: SpendHistory): Omit<SpendHistory, 'hours'> {
  const first = days.findIndex((value) => value !== null && value !== 0);
  if (first <= 0) return { days, firstDay };
  return { days: days.slice(first), firstDay: firstDay + first * dayMs };
}

/** What of a day is spent by so many milliseconds after midnight; 0 before it, 1 after it. */
function shareOfDay(hours: readonly number[]): (sinceMidnight: number) => number {
  const all = hours.reduce((sum, value) => sum + value, 0);
  const shares = hours.length === 24 && all > 0 ? hours.map((value) => value / all) : undefined;
  const before: number[] = [];
  let sum = 0;
  for (const share of shares ?? []) {
    before.push(sum);
    sum += share;
  }
  return (sinceMidnight) => {
    const within = Math.min(Math.max(sinceMidnight, 0), dayMs);
    if (shares === undefined) return within / dayMs;
    const hour = Math.floor(within / hourMs);
    return (before[hour] ?? 1) + (shares[hour] ?? 0) * ((within % hourMs) / hourMs);
  };
}
