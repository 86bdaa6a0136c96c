import { dayMs, floorTo, hourMs } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import { billedAfterMs, foldedInto } from '../billed.ts';
import type { BilledAmount } from '../billed.ts';
import { isAzureLane } from '../scenario-lane.ts';
import type { AzureAccount, AzureLane } from '../scenario-lane.ts';
import type { World } from '../world.ts';
import { claudeUnits, consumptionUnitPrice, meterOf } from './cost-meters.ts';
import { accountId, accountsOf, isOf } from './resources.ts';
import { listedMeter } from './retail-prices.ts';

/** By what costs can be grouped and filtered here, in Azure's spelling. */
export const costDimensions = [
  'ResourceId',
  'ResourceGuid',
  'Meter',
  'MeterSubcategory',
  'UnitOfMeasure',
  'ServiceName',
  'ChargeType',
  'PublisherType',
] as const;
export type CostDimension = (typeof costDimensions)[number];

/** One charge of a day, before anything is summed up. */
export interface Charge {
  readonly day: Instant;
  readonly cost: number;
  readonly quantity: number;
  readonly of: Readonly<Record<CostDimension, string>>;
}

/** Between two refreshes the bill says the same. */
const refreshedEveryMs = 4 * hourMs;

/** Everything a subscription is charged for on these days, as the bill was refreshed last: models, and what is none of them. */
export function chargesOf(world: World, subscription: string, days: Window): readonly Charge[] {
  const lanes = world.traffic.lanes.filter(isAzureLane);
  const accounts = accountsOf(lanes).filter((one) => one.subscription === subscription);
  const asOf = floorTo(world.now(), refreshedEveryMs);
  const charges: Charge[] = [];
  for (let day = days.start; day < days.end; day += dayMs) {
    const hours = hoursBilled(day, asOf);
    if (hours === 0) continue;
    const amounts = world.billing.day(day, asOf);
    for (const account of accounts) {
      const own = amounts.flatMap((amount) =>
        isAzureLane(amount.lane) && isOf(account, amount.lane) ? [amount] : [],
      );
      charges.push(...tokenCharges(account, own));
      for (const lane of lanes.filter((one) => isOf(account, one))) {
        charges.push(...capacityCharges(account, lane, day, hours));
      }
    }
    if (accounts.length > 0) charges.push(...otherCharges(subscription, day, hours));
  }
  return charges;
}

/** Hours of the day that are a day ago. */
function hoursBilled(day: Instant, asOf: Instant): number {
  const hours = Math.floor((asOf - billedAfterMs - day) / hourMs);
  return Math.max(0, Math.min(24, hours));
}

const chargeTypes = { usage: 'Usage', credit: 'Credit', refund: 'Refund' } as const;

function tokenCharges(account: AzureAccount, amounts: readonly BilledAmount[]): readonly Charge[] {
  const onDemand = amounts.filter(({ tier }) => tier !== 'provisioned');
  return foldedInto(onDemand, hasPrice).flatMap((amount) => {
    const { lane, day, tokens, ratePpm, record } = amount;
    if (!isAzureLane(lane)) return [];
    const ChargeType = chargeTypes[record];
    const rate = ratePpm / 1e6;
    if (isClaude(amount)) {
      const units = claudeUnits(amount);
      const of = { ...marketplace(account), ChargeType };
      return [{ day, quantity: units, cost: units * consumptionUnitPrice * rate, of }];
    }
    const meter = meterOf(lane, amount);
    if (meter === undefined) return [];
    const quantity = tokens / (meter.unitOfMeasure === '1M' ? 1e6 : 1e3);
    const of = { ...billed(accountId(account), meter), ChargeType };
    return [{ day, quantity, cost: quantity * meter.retailPrice * rate, of }];
  });
}

function hasPrice(amount: BilledAmount): boolean {
  const { lane } = amount;
  return isClaude(amount) || (isAzureLane(lane) && meterOf(lane, amount) !== undefined);
}

function isClaude({ lane }: BilledAmount): boolean {
  return isAzureLane(lane) && lane.format === 'Anthropic';
}

/** Provisioned units are charged by the hour, used or not. */
function capacityCharges(
  account: AzureAccount,
  lane: AzureLane,
  day: Instant,
  hours: number,
): readonly Charge[] {
  if (lane.sku !== 'ProvisionedManaged') return [];
  const meter = listedMeter('Provisioned Managed Regional Unit');
  if (meter === undefined) return [];
  const quantity = lane.capacity * hours;
  const of = billed(accountId(account), meter);
  return [{ day, quantity, cost: quantity * meter.retailPrice, of }];
}

/** What has nothing to do with models, or only by its service's name. */
function otherCharges(subscription: string, day: Instant, hours: number): readonly Charge[] {
  const group = `/subscriptions/${subscription}/resourceGroups/rg-ai/providers`;
  const speech = listedMeter('S1 Speech To Text Audio Hours');
  const machine = {
    meterId: '88888888-0000-0000-0000-000000000001',
    meterName: 'D2s v5',
    productName: 'Virtual Machines Dsv5 Series',
    unitOfMeasure: '1 Hour',
    serviceName: 'Virtual Machines',
  };
  const monitoring = {
    ResourceId: `${group}/Microsoft.SaaS/resources/watcher`,
    Meter: 'Watcher Pro Host Units',
  };
  return [
    {
      day,
      quantity: hours,
      cost: hours * 0.096,
      of: billed(`${group}/Microsoft.Compute/virtualMachines/build`, machine),
    },
    { day, quantity: 2, cost: 36, of: { ...sold, ...monitoring } },
    ...(speech === undefined
      ? []
      : [
          {
            day,
            quantity: hours / 16,
            cost: (hours / 16) * speech.retailPrice,
            of: billed(`${group}/Microsoft.CognitiveServices/accounts/speech`, speech),
          },
        ]),
  ];
}

interface Metered {
  readonly meterId: string;
  readonly meterName: string;
  readonly productName: string;
  readonly unitOfMeasure: string;
  readonly serviceName: string;
}

/** Ids of resources come in lower case, whatever case the inventory has. */
function billed(resourceId: string, meter: Metered): Charge['of'] {
  return {
    ResourceId: resourceId.toLowerCase(),
    ResourceGuid: meter.meterId,
    Meter: meter.meterName,
    MeterSubcategory: meter.productName,
    UnitOfMeasure: meter.unitOfMeasure,
    ServiceName: meter.serviceName,
    ChargeType: 'Usage',
    PublisherType: 'Azure',
  };
}

/** What others sell through the marketplace: no meter of Azure's. */
const sold: Charge['of'] = {
  ResourceId: '',
  ResourceGuid: '',
  Meter: '',
  MeterSubcategory: '',
  UnitOfMeasure: '1',
  ServiceName: 'SaaS',
  ChargeType: 'Usage',
  PublisherType: 'Marketplace',
};

function marketplace({ subscription, resourceGroup, name }: AzureAccount): Charge['of'] {
  const path = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.SaaS`;
  const ResourceId = `${path}/resources/claude-${name}`.toLowerCase();
  return { ...sold, ResourceId, Meter: 'Claude Consumption Units' };
}
