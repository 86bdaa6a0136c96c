import { scaled } from '../../../agent/core/decimal.ts';
import type { TokenItem } from '../../../agent/core/price.ts';
import { dayMs } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import type { BilledAmount } from '../billed-amount.ts';
import { foldedInto } from '../billed.ts';
import type { Billing } from '../billed.ts';
import type { AwsLane } from '../scenario-lane.ts';
import { isAwsLane } from '../scenario-lane.ts';
import { offers, prefixOf } from './offers.ts';

/** One line of the account's bill of one day, exact. */
export interface Charge {
  readonly day: Instant;
  readonly account: string;
  readonly service: string;
  readonly usageType: string;
  readonly recordType: 'Usage' | 'Credit' | 'Refund';
  /** As in the price list. */
  readonly unit: string;
  /** Millionths of a unit; nothing of credits and refunds. */
  readonly quantity: bigint;
  /** In `costPlaces` decimal places of a dollar. */
  readonly cost: bigint;
}

export const costPlaces = 12;
export const quantityPlaces = 6;
const recordTypes = { usage: 'Usage', credit: 'Credit', refund: 'Refund' } as const;

/** What the price list says of one item of a lane. */
interface Rate {
  readonly service: string;
  readonly usageType: string;
  readonly unit: string;
  readonly usd: string;
}

/** Every AWS account's charges over whole days as the cloud tells them at `asOf`, by day; equal lines are one. */
export function chargesOf(billing: Billing, days: Window, asOf: Instant): readonly Charge[] {
  const charges = new Map<string, Charge>();
  for (let day = days.start; day < days.end; day += dayMs) {
    // Model units are paid by the hour, and that is not on this bill.
    const byToken = billing.day(day, asOf).filter(({ tier }) => tier !== 'provisioned');
    for (const amount of foldedInto(byToken, hasRate)) {
      if (!isAwsLane(amount.lane)) continue;
      const rate = rateOf(amount.lane, amount.tier, amount.item);
      if (rate === undefined) continue;
      const charge = chargeOf(amount, rate);
      const key = [day, charge.account, charge.service, charge.usageType, charge.recordType];
      const before = charges.get(key.join('|'));
      const quantity = (before?.quantity ?? 0n) + charge.quantity;
      const cost = (before?.cost ?? 0n) + charge.cost;
      charges.set(key.join('|'), { ...charge, quantity, cost });
    }
  }
  return [...charges.values()];
}

function hasRate({ lane, tier, item }: BilledAmount): boolean {
  return isAwsLane(lane) && rateOf(lane, tier, item) !== undefined;
}

function chargeOf({ lane, day, record, tokens, ratePpm }: BilledAmount, rate: Rate): Charge {
  const tokensPerUnit = rate.unit.startsWith('1K') ? 1_000n : 1_000_000n;
  const dollars = scaled(rate.usd, costPlaces) ?? 0n;
  return {
    day,
    account: lane.account,
    service: rate.service,
    usageType: rate.usageType,
    recordType: recordTypes[record],
    unit: rate.unit,
    quantity: record === 'usage' ? (BigInt(tokens) * 1_000_000n) / tokensPerUnit : 0n,
    cost: (BigInt(tokens) * dollars * BigInt(ratePpm)) / (tokensPerUnit * 1_000_000n),
  };
}

const editionWords: Readonly<Record<string, Readonly<Record<TokenItem, string>>>> = {
  openai: {
    input: 'input_tokens',
    cache_read: 'cache_read_tokens',
    cache_write: 'cache_write_tokens_30m',
    output: 'output_tokens',
  },
  anthropic: {
    input: 'input_tokens',
    cache_read: 'cache_read_tokens',
    cache_write: 'cache_write_tokens',
    output: 'output_tokens',
  },
};
const editions: Readonly<Record<string, string>> = {
  'openai/gpt-5.6-sol': 'OpenAI GPT-5.6 Sol',
  'anthropic/claude-sonnet-4-6': 'Claude Sonnet 4.6',
  'anthropic/claude-opus-4-7': 'Claude Opus 4.7',
};
const plainWords: Readonly<Record<TokenItem, string>> = {
  input: 'input-tokens',
  cache_read: 'cache-read-input-token-count',
  cache_write: 'cache-write-input-token-count',
  output: 'output-tokens',
};

/** Undefined where the list has no price of its own for the item. */
function rateOf(lane: AwsLane, tier: BilledAmount['tier'], item: TokenItem): Rate | undefined {
  const prefix = prefixOf(lane.region);
  const usagetype = usageTypeOf(lane, tier, item);
  const edition = editions[lane.model];
  const service = edition === undefined ? 'Amazon Bedrock' : `${edition} (Amazon Bedrock Edition)`;
  const row = offers.find(
    (one) => one.usagetype === usagetype && one.attributes['servicename'] === service,
  );
  if (row === undefined) return novaWrite(lane, tier, item);
  const { unit, usd } = row;
  return { service, usageType: usagetype.replaceAll('#', prefix), unit, usd };
}

/** The list names no price for writing Nova's cache; the bill names the meter, at the price of input. */
function novaWrite(lane: AwsLane, tier: BilledAmount['tier'], item: TokenItem): Rate | undefined {
  if (lane.family !== 'amazon-nova' || item !== 'cache_write') return undefined;
  const input = rateOf(lane, tier, 'input');
  if (input === undefined) return undefined;
  const usageType = input.usageType.replace(plainWords.input, plainWords.cache_write);
  return { ...input, usageType };
}

/** As in the price list, `#` for the region's prefix. */
function usageTypeOf(lane: AwsLane, tier: BilledAmount['tier'], item: TokenItem): string {
  if (editions[lane.model] !== undefined) {
    const words = editionWords[lane.family]?.[item] ?? '';
    const reach = lane.vendorModel.startsWith('global.') ? '_global' : '';
    return `#-MP:#_${words}${reach}_standard-Units`;
  }
  const suffix = tier === 'standard' ? '' : `-${tier}`;
  if (lane.family === 'amazon-nova') return `#-NovaPro-${plainWords[item]}`;
  if (lane.model === 'openai/gpt-oss-120b') return `#-gpt-oss-120b-${plainWords[item]}${suffix}`;
  return `#-${lane.model.replace('/', '.')}-mantle-${plainWords[item]}-standard`;
}
