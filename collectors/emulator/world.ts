import { createAggregates } from './aggregate.ts';
import type { Aggregates } from './aggregate.ts';
import type { Now } from './clock.ts';
import { noFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import type { Traffic } from './lane.ts';

/** What both emulated clouds serve from. */
export interface World {
  readonly traffic: Traffic;
  readonly aggregates: Aggregates;
  readonly now: Now;
  /** True: every finished minute is shown whole at once. For tests that are not about late data. */
  readonly settled: boolean;
  readonly faults: Faults;
}

export interface WorldOptions {
  readonly traffic: Traffic;
  readonly now: Now;
  readonly settled?: boolean;
  readonly faults?: Faults;
}

export function createWorld(options: WorldOptions): World {
  const { traffic, now: right, settled = false, faults = noFaults } = options;
  const now = () => right() + (faults.skewMs?.(right()) ?? 0);
  return { traffic, aggregates: createAggregates(traffic), now, settled, faults };
}
