import { scaled } from '../../../agent/core/decimal.ts';
import { dayMs, floorTo, hourMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { monthOf } from './days.ts';

/** What the month has cost so far, as told at a time. */
export interface GaugePoint {
  readonly at: Instant;
  readonly value: number;
}

/** A new month's gauge may begin with what is still posted of the old one, for so long at most. AWS does not say. */
export const lateMs = 36 * hourMs;

/** Decimal places that are kept: a difference of two amounts of dollars has no more that mean anything. */
const places = 12;

/**
 * What each UTC day added to a gauge that counts a month and begins anew with the next, as decimal texts; days that added
 * nothing are left out. Within a month the days add up to the gauge. A fall is a negative day. What is posted after
 * the month's end and before the gauge falls counts for the old month's last day; where it does not fall within `lateMs`,
 * everything is of the new month. A day without a point has its cost on the next that has one, since nothing tells them
 * apart; so has what was there before the first point of all, unless that is the first of its month (`knownFrom` says
 * how far back all points were asked for).
 */
export function dailyCosts(
  points: readonly GaugePoint[],
  knownFrom: Instant,
): ReadonlyMap<Instant, string> {
  const days = new Map<Instant, bigint>();
  let before: { readonly month: Instant; readonly value: bigint } | undefined;
  for (const [month, ofMonth] of byMonth(points)) {
    const late = before === undefined ? 0 : latePoints(ofMonth, month, before.value);
    const start = month >= knownFrom ? 0n : undefined;
    const lastDay = month - dayMs;
    for (const { value } of ofMonth.slice(0, late)) {
      if (before === undefined) break;
      add(days, lastDay, value - before.value);
      before = { month: before.month, value };
    }
    let last = start;
    for (const { at, value } of ofMonth.slice(late)) {
      if (last !== undefined) add(days, floorTo(at, dayMs), value - last);
      last = value;
    }
    if (last !== undefined) before = { month, value: last };
  }
  return new Map(
    [...days].filter(([, cost]) => cost !== 0n).map(([day, cost]) => [day, textOf(cost)]),
  );
}

interface Point {
  readonly at: Instant;
  readonly value: bigint;
}

function byMonth(points: readonly GaugePoint[]): ReadonlyMap<Instant, readonly Point[]> {
  const months = new Map<Instant, Point[]>();
  for (const { at, value } of points.toSorted((a, b) => a.at - b.at)) {
    const month = monthOf(at);
    const ofMonth = months.get(month) ?? [];
    months.set(month, ofMonth);
    ofMonth.push({ at, value: exact(value) });
  }
  return months;
}

/** How many points at a month's beginning are of the month before: those before the fall, if there is one in time. */
function latePoints(points: readonly Point[], month: Instant, old: bigint): number {
  const fall = points.findIndex(({ value }) => value < old);
  const at = points[fall]?.at;
  return at !== undefined && at < month + lateMs ? fall : 0;
}

function add(days: Map<Instant, bigint>, day: Instant, cost: bigint): void {
  days.set(day, (days.get(day) ?? 0n) + cost);
}

function exact(value: number): bigint {
  return scaled(String(value), places) ?? scaled(value.toFixed(places), places) ?? 0n;
}

function textOf(cost: bigint): string {
  const digits = String(cost < 0n ? -cost : cost).padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return `${cost < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
