import type { CapacityCostRow, CapacityIdentity, CapacityReader } from '../core/capacity.ts';
import { addKnown } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { IdentityRow } from '../core/store.ts';
import type { Selected } from './groups.ts';

/** What identities bear of provisioned capacity, and what of it nobody used; null where none is known. */
export interface CapacityCosts {
  readonly rows: readonly CapacityCostRow[];
  readonly idle: NanoUsd | null;
}

/** Whom costs are told of: identities that usage is metered of, and capacity, which costs where nothing was used. */
export interface Bearers {
  readonly all: readonly IdentityRow[];
  /** The same selection without capacity, which no meter reads. */
  metered(selected: Selected): Selected;
}

export function bearersOf(
  identities: readonly IdentityRow[],
  capacities: readonly CapacityIdentity[],
): Bearers {
  const metered = meteredOf(identities);
  if (capacities.length === 0) return { all: metered, metered: (selected) => selected };
  const unmetered = new Set(capacities.map(({ id }) => id));
  return {
    all: [...metered, ...capacities],
    metered: (selected) => ({
      ...selected,
      groups: selected.groups.map((group) => ({
        ...group,
        identities: group.identities.filter(({ id }) => !unmetered.has(id)),
      })),
    }),
  };
}

/** The same list for the same one, which is never changed. */
const meteredLists = new WeakMap<readonly IdentityRow[], readonly IdentityRow[]>();

function meteredOf(identities: readonly IdentityRow[]): readonly IdentityRow[] {
  const known = meteredLists.get(identities);
  const metered = known ?? identities.filter(({ reports }) => reports.size > 0);
  if (known === undefined) meteredLists.set(identities, metered);
  return metered;
}

/** In the buckets of the plan. */
export async function readCapacityCosts(
  reader: CapacityReader,
  { plan, groups }: Selected,
  capacities: readonly CapacityIdentity[],
): Promise<CapacityCosts> {
  if (capacities.length === 0 || plan.buckets === 0) return { rows: [], idle: null };
  const identityIds = groups.flatMap(({ identities }) => identities.map(({ id }) => id));
  if (identityIds.length === 0) return { rows: [], idle: null };
  const bucketMs = plan.step === 'total' ? 0 : plan.step;
  const rows = await reader.capacityCosts({ identityIds, window: plan.window, bucketMs });
  const ofCapacity = new Set(capacities.map(({ id }) => id));
  const idle = rows
    .filter(({ identityId }) => ofCapacity.has(identityId))
    .reduce<NanoUsd | null>((sum, { cost }) => addKnown(sum, cost), null);
  return { rows, idle };
}
