import type { BilledMeter } from './billed-meters.ts';
import type { MeteredDay } from './inputs.ts';

/** Whether a meter is for a traffic: of the meters that may be, those that name most of it. */
export function trafficFit(
  meters: readonly BilledMeter[],
  metered: readonly MeteredDay[],
): (meter: BilledMeter, one: MeteredDay) => boolean {
  // With one meter nothing is closer.
  if (meters.length === 1) return (meter, one) => closeness(meter, one) >= 0;
  const closest = new Map(
    metered.map((one) => [one, Math.max(...meters.map((meter) => closeness(meter, one)))]),
  );
  return (meter, one) => {
    const own = closeness(meter, one);
    return own >= 0 && own === closest.get(one);
  };
}

function isSameTraffic({ meaning }: BilledMeter, one: MeteredDay): boolean {
  if (typeof meaning === 'string') return false;
  return (
    isSame(meaning.modelVersion, one.modelVersion, '') &&
    isSame(meaning.routing, one.routing, 'unknown') &&
    isSame(meaning.tier, one.tier, 'unknown')
  );
}

/**
 * How much of a traffic the meter names. A meter that names its routing has the traffic of that routing, and one that names
 * none has the rest: a region's own rate is that of its geographic profiles too. Below zero: not its traffic.
 */
function closeness(meter: BilledMeter, one: MeteredDay): number {
  const { meaning } = meter;
  if (typeof meaning === 'string' || !isSameTraffic(meter, one)) return -1;
  return (
    Number(meaning.modelVersion === one.modelVersion) +
    Number(meaning.routing === one.routing) +
    Number(meaning.tier === one.tier)
  );
}

/** Whether two words may be for one thing: a side that does not tell may be for any. */
function isSame(a: string, b: string, untold: string): boolean {
  return a === b || a === '' || b === '' || a === untold || b === untold;
}
