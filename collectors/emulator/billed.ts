import { dayMs, hourMs, minuteMs, floorTo } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import { tokenItems } from '../../agent/core/price.ts';
import { amountsWith } from './bill-defects.ts';
import type { BillDefect } from './bill-defects.ts';
import type { BilledAmount } from './billed-amount.ts';
import type { Traffic } from './lane.ts';
import { keepRecent } from './lru.ts';
import { tierOrder } from './serve-request.ts';

export type { BilledAmount } from './billed-amount.ts';

/** What both clouds do alike: usage stands on the bill a day late, and is called an estimate for three more. */
export const billedAfterMs = dayMs;
const estimatedForMs = 3 * dayMs;

export interface Billing {
  /**
   * The bill of a UTC day as the cloud tells it at `asOf`: whole from a day after its end, in part before that (up to the
   * hour that is a day ago), empty where none of it is a day old. Cached and uncached input are apart, as in the requests
   * themselves, whether or not a meter tells them. Amounts of no tokens are left out.
   */
  day(day: Instant, asOf: Instant): readonly BilledAmount[];
}

/** Whether the cloud still calls the day an estimate. */
export function isEstimated(day: Instant, asOf: Instant): boolean {
  return asOf < floorTo(day, dayMs) + dayMs + billedAfterMs + estimatedForMs;
}

/** The same traffic, defects and times, the same bill. */
export function createBilling(traffic: Traffic, defects: readonly BillDefect[] = []): Billing {
  const sums = createSums(traffic);
  return {
    day(at, asOf) {
      const day = floorTo(at, dayMs);
      const until = Math.min(day + dayMs, floorTo(asOf - billedAfterMs, hourMs));
      if (until <= day) return [];
      return sums(until / hourMs)
        .map((sum): BilledAmount => ({ ...sum, day, record: 'usage', ratePpm: 1_000_000 }))
        .reduce<BilledAmount[][]>(byLane, [])
        .flatMap((ofLane) => amountsWith(defects, ofLane, asOf))
        .filter(({ tokens }) => tokens > 0);
    },
  };
}

/** The amounts with the items that have no price of their own charged as input. */
export function foldedInto(
  amounts: readonly BilledAmount[],
  hasPrice: (amount: BilledAmount) => boolean,
): readonly BilledAmount[] {
  const folded = new Map<string, BilledAmount>();
  for (const amount of amounts) {
    const item = hasPrice(amount) ? amount.item : 'input';
    const { lane, day, tier, record, ratePpm } = amount;
    const key = [lane.id, day, tier, record, ratePpm, item].join('|');
    const tokens = (folded.get(key)?.tokens ?? 0) + amount.tokens;
    folded.set(key, { ...amount, item, tokens });
  }
  return [...folded.values()];
}

/** Seventy days: more than the sixty that are asked for again and again. */
const keptDays = 70;
const hoursADay = dayMs / hourMs;

type Sum = Pick<BilledAmount, 'lane' | 'tier' | 'item' | 'tokens'>;

/** Where the items of a lane's tier begin in an array of sums. */
function placeOf(lane: number, tier: number): number {
  return (lane * tierOrder.length + tier) * tokenItems.length;
}

/**
 * Every served request of a day up to an hour since the epoch, that one left out, by lane, tier and item. Each hour is added
 * up once, for the newest days are told in more and more parts.
 */
function createSums(traffic: Traffic): (end: number) => readonly Sum[] {
  const { lanes } = traffic;
  const ofHour = keepRecent(keptDays * hoursADay, (hour) => {
    const sums = new Float64Array(placeOf(lanes.length, 0));
    const add = (at: number, tokens: number) => {
      sums[at] = (sums[at] ?? 0) + tokens;
    };
    for (const [index, lane] of lanes.entries()) {
      for (let minute = hour * hourMs; minute < (hour + 1) * hourMs; minute += minuteMs) {
        for (const request of traffic.requests(lane, minute)) {
          if (request.status !== 200) continue;
          const place = placeOf(index, tierOrder.indexOf(request.tier));
          add(place, request.input);
          add(place + 1, request.cacheRead);
          add(place + 2, request.cacheWrite);
          add(place + 3, request.output);
        }
      }
    }
    return sums;
  });
  const untilHour = keepRecent(keptDays, (end) => {
    const total = new Float64Array(placeOf(lanes.length, 0));
    for (let hour = floorTo(end - 1, hoursADay); hour < end; hour += 1) {
      for (const [at, tokens] of ofHour(hour).entries()) total[at] = (total[at] ?? 0) + tokens;
    }
    return total;
  });
  return (end) => {
    const total = untilHour(end);
    return lanes.flatMap((lane, index) =>
      tierOrder.flatMap((tier, t) =>
        tokenItems.map((item, i) => ({
          lane,
          tier,
          item,
          tokens: total[placeOf(index, t) + i] ?? 0,
        })),
      ),
    );
  };
}

/** The amounts come lane by lane. */
function byLane(lanes: BilledAmount[][], amount: BilledAmount): BilledAmount[][] {
  const last = lanes.at(-1);
  if (last?.[0]?.lane.id === amount.lane.id) last.push(amount);
  else lanes.push([amount]);
  return lanes;
}
