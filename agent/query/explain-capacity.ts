import type { CapacityIdentity } from '../core/capacity.ts';
import { addKnown } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { IdentityRow, UsageReader } from '../core/store.ts';
import { hourMs } from '../core/time.ts';
import type { Window } from '../core/time.ts';
import { usdText } from './exact.ts';

/** What an identity bears of its deployment's capacity in a window, in a sentence; undefined where none was charged. */
export async function capacitySaid(
  reader: UsageReader,
  identity: IdentityRow,
  window: Window,
): Promise<string | undefined> {
  if (identity.tier !== 'provisioned') return undefined;
  const held = (await reader.capacities()).filter((one) => isOf(one, identity));
  if (held.length === 0) return undefined;
  const idleIds = held.map(({ id }) => id);
  const query = { identityIds: [identity.id, ...idleIds], window, bucketMs: 0 };
  const [costs, uses] = await Promise.all([reader.capacityCosts(query), reader.capacityUse(query)]);
  const whole = sumOf(uses.map(({ cost }) => cost));
  if (whole === null) return undefined;
  const ids = new Set(idleIds);
  const own = sumOf(costs.flatMap((row) => (ids.has(row.identityId) ? [] : [row.cost])));
  const idle = sumOf(costs.flatMap((row) => (ids.has(row.identityId) ? [row.cost] : [])));
  const unitHours = uses.reduce((sum, { unitMs }) => sum + unitMs, 0) / hourMs;
  const idleText = idle === null ? 'no meter tells what stood idle' : `${usdText(idle)} stood idle`;
  return (
    `Its deployment's capacity, ${Number(unitHours.toFixed(6))} unit-hours, came to ${usdText(whole)} USD at list price: ` +
    `${usdText(own ?? 0n)} is its share by the tokens of the hour, ${idleText}.`
  );
}

function isOf(capacity: CapacityIdentity, identity: IdentityRow): boolean {
  return (
    capacity.cloud === identity.cloud &&
    capacity.account === identity.account &&
    capacity.region === identity.region &&
    capacity.resource === identity.resource &&
    capacity.deployment.toLowerCase() === identity.deployment.toLowerCase()
  );
}

function sumOf(costs: readonly (NanoUsd | null)[]): NanoUsd | null {
  return costs.reduce<NanoUsd | null>((sum, cost) => addKnown(sum, cost), null);
}
