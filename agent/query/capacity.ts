import { effectivePerMillion } from '../core/capacity.ts';
import type { CapacityIdentity, CapacityUseRow } from '../core/capacity.ts';
import type { Dimension } from '../core/dimension.ts';
import { addKnown } from '../core/money.ts';
import type { NanoUsd } from '../core/money.ts';
import type { AmountRow, CostSums, UsageReader } from '../core/store.ts';
import { hourMs, isoUtc } from '../core/time.ts';
import { bearersOf } from './capacity-costs.ts';
import { usdOf } from './costs.ts';
import { learn, readCoverage } from './coverage.ts';
import type { Knowledge } from './coverage.ts';
import { select } from './groups.ts';
import type { Selected, Selection } from './groups.ts';
import { bucketAt, bucketStart } from './plan.ts';
import { readSegments } from './segments.ts';
import type { Step } from './step.ts';
import { checkRows, mostRows } from './too-many-rows.ts';

export type CapacityRequest = Omit<Selection, 'groupBy'>;

/** One deployment in one bucket: what was used of it, or what stood idle. Costs are list prices. */
export interface CapacityLine {
  readonly time: string;
  readonly cloud: string;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly deployment: string;
  readonly model: string;
  readonly sku: string;
  readonly line: 'used' | 'idle';
  /** Of the deployment, as `unit_hours` and `utilization`: the same in both lines. The newest of the bucket. */
  readonly units: number;
  readonly unit_hours: number;
  /** 0 to 1; null where no meter tells. */
  readonly utilization: number | null;
  /** Null: its hours have no price; of the idle line also: no meter tells what was idle. */
  readonly cost_usd: number | null;
  readonly cost_low_usd: number | null;
  readonly cost_high_usd: number | null;
  readonly tokens: number | null;
  /** What the tokens came to, idle capacity included; null where there were none. */
  readonly effective_usd_per_million: number | null;
  readonly settled: number | null;
}

const place: readonly Dimension[] = ['cloud', 'account', 'region', 'resource', 'deployment'];

/** Capacity is accounted by the hour: shorter steps are taken as one. */
export function capacityStep(step: Step): Step {
  return step === 'total' || step > hourMs ? step : 3_600_000;
}

/**
 * What provisioned capacity cost at list price, by deployment and bucket, in two lines that add up to it. A bucket in which a
 * deployment was not charged has none. Throws a TooManyRowsError before anything but identities is read.
 */
export async function queryCapacity(
  reader: UsageReader,
  request: CapacityRequest,
): Promise<readonly CapacityLine[]> {
  const [identities, capacities] = await Promise.all([reader.identities(), reader.capacities()]);
  if (capacities.length === 0) return [];
  const bearers = bearersOf(
    identities.filter(({ tier }) => tier === 'provisioned'),
    capacities,
  );
  const stepMs = capacityStep(request.stepMs);
  const selected = select(bearers.all, { ...request, stepMs, groupBy: place });
  const { plan, groups } = selected;
  checkRows(plan, groups.length * 2, request.maxRows ?? mostRows);
  if (plan.buckets === 0) return [];
  const metered = bearers.metered(selected);
  const ids = new Set(groups.flatMap((group) => group.identities.map(({ id }) => id)));
  const held = capacities.filter(({ id }) => ids.has(id));
  const query = {
    identityIds: held.map(({ id }) => id),
    window: plan.window,
    bucketMs: plan.step === 'total' ? 0 : plan.step,
  };
  const [layers, amounts, uses, idle] = await Promise.all([
    readCoverage(reader, plan),
    readSegments(metered, (segment) => reader.amounts(segment)),
    reader.capacityUse(query),
    reader.capacityCosts(query),
  ]);
  const tallies = addUp(selected, held, uses);
  for (const row of idle) {
    const tally = tallies.get(placeOf(selected, row));
    if (tally !== undefined) tally.idle = plus(tally.idle, row);
  }
  for (const row of amounts.flat()) {
    const tally = tallies.get(placeOf(selected, row));
    if (tally !== undefined) tally.tokens += tokensOf(row);
  }
  return linesOf(selected, tallies, learn(metered, layers));
}

/** One deployment in one bucket. */
interface Tally {
  newest: CapacityIdentity;
  whole: CostSums;
  idle: CostSums;
  tokens: number;
  unitMs: number;
  meteredUnitMs: number;
  usedUnitMs: number;
}

const nothing: CostSums = { cost: null, costLow: null, costHigh: null, unpricedTokens: 0 };

function addUp(
  selected: Selected,
  held: readonly CapacityIdentity[],
  uses: readonly CapacityUseRow[],
): ReadonlyMap<number, Tally> {
  const byId = new Map(held.map((one) => [one.id, one]));
  const tallies = new Map<number, Tally>();
  for (const use of uses) {
    const capacity = byId.get(use.identityId);
    if (capacity === undefined) continue;
    const at = placeOf(selected, use);
    const known = tallies.get(at);
    tallies.set(at, {
      newest: known !== undefined && known.newest.from > capacity.from ? known.newest : capacity,
      whole: plus(known?.whole ?? nothing, use),
      idle: nothing,
      tokens: 0,
      unitMs: (known?.unitMs ?? 0) + use.unitMs,
      meteredUnitMs: (known?.meteredUnitMs ?? 0) + use.meteredUnitMs,
      usedUnitMs: (known?.usedUnitMs ?? 0) + use.usedUnitMs,
    });
  }
  return tallies;
}

/** By bucket, then by group. */
function placeOf(
  { plan, groups, groupOf }: Selected,
  row: { readonly identityId: number; readonly bucket: number },
): number {
  const group = groupOf.get(row.identityId) ?? Number.NaN;
  return bucketAt(plan, row.bucket) * groups.length + group;
}

function linesOf(
  { plan, groups }: Selected,
  tallies: ReadonlyMap<number, Tally>,
  knowledge: Knowledge,
): readonly CapacityLine[] {
  const sorted = [...tallies].toSorted(([a], [b]) => a - b);
  return sorted.flatMap(([at, tally]): CapacityLine[] => {
    const group = at % groups.length;
    const bucket = Math.floor(at / groups.length);
    const { newest, whole, idle, tokens, unitMs, meteredUnitMs, usedUnitMs } = tally;
    const { cloud, account, region, resource, deployment, model, sku, units } = newest;
    const shared = {
      time: isoUtc(bucketStart(plan, bucket)),
      cloud,
      account,
      region,
      resource,
      deployment,
      model,
      sku,
    };
    const measured = {
      units,
      unit_hours: unitMs / hourMs,
      utilization: meteredUnitMs === 0 ? null : usedUnitMs / meteredUnitMs,
    };
    const isKnown = knowledge.looked(group, bucket);
    const settled = isKnown ? knowledge.settled(group, bucket) : null;
    const effective = whole.cost === null ? null : effectivePerMillion(whole.cost, tokens);
    return [
      {
        ...shared,
        line: 'used',
        ...measured,
        ...moneyOf(minus(whole, idle)),
        tokens: isKnown ? tokens : null,
        effective_usd_per_million: usdOf(effective),
        settled,
      },
      {
        ...shared,
        line: 'idle',
        ...measured,
        ...moneyOf(idle),
        tokens: 0,
        effective_usd_per_million: null,
        settled,
      },
    ];
  });
}

function moneyOf({ cost, costLow, costHigh }: CostSums) {
  return { cost_usd: usdOf(cost), cost_low_usd: usdOf(costLow), cost_high_usd: usdOf(costHigh) };
}

function plus(a: CostSums, b: CostSums): CostSums {
  return combine(a, b, addKnown);
}

function minus(a: CostSums, b: CostSums): CostSums {
  return combine(a, b, (x, y) => (x === null ? null : x - (y ?? 0n)));
}

function combine(
  a: CostSums,
  b: CostSums,
  by: (x: NanoUsd | null, y: NanoUsd | null) => NanoUsd | null,
): CostSums {
  return {
    cost: by(a.cost, b.cost),
    costLow: by(a.costLow, b.costLow),
    costHigh: by(a.costHigh, b.costHigh),
    unpricedTokens: 0,
  };
}

function tokensOf({ input, cacheRead, cacheWrite, output, unsplitInput }: AmountRow): number {
  return [input, cacheRead, cacheWrite, output, unsplitInput].reduce<number>(
    (sum, count) => sum + (count ?? 0),
    0,
  );
}
