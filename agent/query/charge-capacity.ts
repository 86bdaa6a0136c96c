import type { CapacityCostRow, CapacityIdentity, CapacityReader } from '../core/capacity.ts';
import { zeptoPerNano } from '../core/charge.ts';
import type { PicoHours } from '../core/charge.ts';
import { divideHalfUp } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { NamedTraffic } from '../core/store.ts';
import { hourMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { nothingLeft } from './charge-lines.ts';
import type { ZeptoRange } from './charge-lines.ts';

const picoPerHour = 1_000_000_000_000n;

export interface CapacityRate {
  readonly rate: NanoUsd;
  readonly sku: string;
}

/** What a unit-hour of a deployment came to in a bucket, to the nano-dollar. */
export interface CapacityRates {
  /** Undefined: no hour of it has a price, or what it costs is nothing. */
  rateOf(of: NamedTraffic, bucket: Instant): CapacityRate | undefined;
  /** Unit-hours without a price of the capacities that `holds`. */
  unpricedUnitHours(holds: (identityId: number) => boolean): number;
}

export async function readCapacityRates(
  reader: CapacityReader,
  capacities: readonly CapacityIdentity[],
  window: Window,
  bucketMs: number,
): Promise<CapacityRates> {
  const held = new Map(
    capacities
      .filter(({ from, to }) => from < window.end && to > window.start)
      .map((one) => [one.id, one] as const),
  );
  const uses =
    held.size === 0
      ? []
      : await reader.capacityUse({ identityIds: [...held.keys()], window, bucketMs });
  const places = new Map<string, { cost: NanoUsd; unitMs: number; sku: string }>();
  for (const { identityId, bucket, cost, unitMs } of uses) {
    const capacity = held.get(identityId);
    if (capacity === undefined || cost === null) continue;
    const key = placeOf(capacity, bucket);
    const known = places.get(key) ?? { cost: 0n, unitMs: 0, sku: '' };
    places.set(key, {
      cost: known.cost + cost,
      unitMs: known.unitMs + unitMs,
      sku: capacity.sku,
    });
  }
  return {
    rateOf(of, bucket) {
      const place = places.get(placeOf(of, bucket));
      if (place === undefined || place.unitMs === 0) return undefined;
      const rate = divideHalfUp(place.cost * BigInt(hourMs), BigInt(place.unitMs));
      return rate === 0n ? undefined : { rate, sku: place.sku };
    },
    unpricedUnitHours: (holds) =>
      uses
        .filter(({ identityId, cost }) => cost === null && holds(identityId))
        .reduce((sum, { unitMs }) => sum + unitMs / hourMs, 0),
  };
}

/** Azure tells deployments' names in any case. */
function placeOf(of: NamedTraffic, bucket: Instant): string {
  const { cloud, account, region, resource, deployment } = of;
  return JSON.stringify([cloud, account, region, resource, deployment.toLowerCase(), bucket]);
}

export interface CapacityLineCost extends ZeptoRange {
  readonly unitHours: PicoHours;
}

export interface CapacityLine {
  /** Undefined: it costs nothing, or nothing is known of what a unit-hour of it costs. */
  readonly line: CapacityLineCost | undefined;
  readonly rate: NanoUsd;
  readonly sku: string;
  /** What the line does not hold of the share. */
  readonly rest: ZeptoRange;
}

/** A share of capacity as unit-hours at the rate, and what so many decimals leave of it. */
export function capacityLine(
  { cost, costLow, costHigh }: CapacityCostRow,
  priced: CapacityRate | undefined,
): CapacityLine {
  const { rate, sku } = priced ?? { rate: 0n, sku: '' };
  if (cost === null) return { line: undefined, rate, sku, rest: nothingLeft };
  const below = (cost - (costLow ?? cost)) * zeptoPerNano;
  const above = ((costHigh ?? cost) - cost) * zeptoPerNano;
  const whole = cost * zeptoPerNano;
  if (rate === 0n || cost <= 0n) {
    const rest = { cost: whole, low: whole - below, high: whole + above };
    return { line: undefined, rate, sku, rest };
  }
  const unitHours = divideHalfUp(cost * picoPerHour, rate);
  const product = unitHours * rate;
  const rest = whole - product;
  return {
    line: { unitHours, cost: product, low: product - below, high: product + above },
    rate,
    sku,
    rest: { cost: rest, low: rest, high: rest },
  };
}
