import { createAggregates } from './aggregate.ts';
import type { Aggregates } from './aggregate.ts';
import type { BillDefect } from './bill-defects.ts';
import { createBilling } from './billed.ts';
import type { Billing } from './billed.ts';
import type { Now } from './clock.ts';
import { noFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import type { Traffic } from './lane.ts';

/** What both emulated clouds serve from. */
export interface World {
  /** What the meters tell of at this time; the lanes are always the same. Ask anew with every call. */
  readonly traffic: Traffic;
  readonly aggregates: Aggregates;
  /** What both clouds charge for it. */
  readonly billing: Billing;
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
  /** What is wrong with the bills. None unless given. */
  readonly defects?: readonly BillDefect[];
}

export function createWorld(options: WorldOptions): World {
  const { now: right, settled = false, faults = noFaults } = options;
  const edition = () => faults.edition?.(options.traffic, right()) ?? options.traffic;
  const aggregates = new Map<Traffic, Aggregates>();
  const billings = new Map<Traffic, Billing>();
  return {
    get traffic() {
      return edition();
    },
    get aggregates() {
      const traffic = edition();
      const known = aggregates.get(traffic) ?? createAggregates(traffic);
      aggregates.set(traffic, known);
      return known;
    },
    get billing() {
      const traffic = edition();
      const known = billings.get(traffic) ?? createBilling(traffic, options.defects);
      billings.set(traffic, known);
      return known;
    },
    now: () => right() + (faults.skewMs?.(right()) ?? 0),
    settled,
    faults,
  };
}
