import { ppmOfWhole } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { Consumer, CostShare } from '../core/rating.ts';

/**
 * A capacity's cost over its users by tokens, each in a line, and what stood idle in a line of its own, last. The lines add up
 * to the cost, and each is within a nano-dollar of its share; what rounding leaves goes to the largest remainders, of equal
 * ones to the first name. Names are different.
 *
 * `utilization` is the share of the capacity that was in use, 0 to 1, taken to the millionth; above 1 it is 1. Null, where no meter tells it: the users
 * carry all, and nothing is said of idle. Where nobody used any, all of it is idle.
 */
export function sharesOf(
  cost: NanoUsd,
  consumers: readonly Consumer[],
  utilization: number | null,
): readonly CostShare[] {
  const tokens = consumers.reduce((sum, one) => sum + BigInt(one.tokens), 0n);
  if (tokens === 0n) return [{ name: null, cost }];
  const whole = BigInt(ppmOfWhole);
  const used =
    utilization === null ? whole : BigInt(Math.round(Math.min(1, utilization) * ppmOfWhole));
  const divisor = tokens * whole;
  const parts = consumers.map(({ name, tokens: own }) => part(name, cost * BigInt(own) * used));
  const idle = part(null, cost * tokens * (whole - used));
  const lines = utilization === null ? parts : [...parts, idle];

  function part(name: string | null, dividend: bigint) {
    return { name, cost: dividend / divisor, rest: dividend % divisor };
  }

  const left = cost - lines.reduce((sum, line) => sum + line.cost, 0n);
  const first = new Set(lines.toSorted(byRest).slice(0, Number(left)));
  return lines.map((line) => ({
    name: line.name,
    cost: first.has(line) ? line.cost + 1n : line.cost,
  }));
}

interface Line {
  readonly name: string | null;
  readonly rest: bigint;
}

function byRest(a: Line, b: Line): number {
  if (a.rest !== b.rest) return a.rest > b.rest ? -1 : 1;
  if (a.name === null || b.name === null) return a.name === null ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
