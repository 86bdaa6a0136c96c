import type { MeterMeaning } from '../../../agent/core/bill.ts';
import type { StoredBillLine } from '../../../agent/core/bill-store.ts';
import { tokenItems } from '../../../agent/core/price.ts';
import type { TokenItem } from '../../../agent/core/price.ts';
import type { RateCard } from '../../../agent/core/rating.ts';
import { dayMs } from '../../../agent/core/time.ts';
import type { InputContract, MeteredDay, ReconcileInput } from '../../../agent/reconcile/inputs.ts';

export const october1 = Date.UTC(2026, 9, 1);
export const sol = 'openai/gpt-5.6-sol';

/** Dollars for a million tokens. */
export type Dollars = Readonly<Partial<Record<TokenItem, number>>>;

/** Prices of the two reports. */
export const azureSol: Dollars = { input: 5, cache_read: 0.5, cache_write: 6.25 };
export const bedrockSol: Dollars = { input: 5.5, output: 33, cache_read: 0.55, cache_write: 6.88 };

export function cardOf(dollars: Dollars, long?: Dollars): RateCard {
  const rates = (of: Dollars) =>
    Object.fromEntries(
      tokenItems.flatMap((item) => {
        const usd = of[item];
        if (usd === undefined) return [];
        const nano = BigInt(Math.round(usd * 1e9));
        return [[item, { low: nano, best: nano, high: nano }]];
      }),
    );
  const key = JSON.stringify([dollars, long]);
  return {
    key,
    rateKey: key,
    short: rates(dollars),
    ...(long === undefined ? {} : { long: rates(long) }),
    thresholdTokens: long === undefined ? null : 272_000,
    reasons: {},
    perToken: true,
    origins: {},
  };
}

export const confirmedInclusive: InputContract = {
  kind: 'inclusive',
  cachedTakenOut: true,
  basis: 'confirmed',
};
export const assumedInclusive: InputContract = { ...confirmedInclusive, basis: 'assumed' };
export const confirmedExclusive: InputContract = {
  kind: 'exclusive',
  cachedTakenOut: false,
  basis: 'confirmed',
};

export function meteredDay(change: Partial<MeteredDay> = {}): MeteredDay {
  return {
    day: october1,
    cloud: 'azure',
    account: 'sub-1',
    resource: 'aoai-east',
    region: 'eastus',
    model: sol,
    modelVersion: '2026-07-01',
    routing: 'global',
    tier: 'standard',
    input: null,
    cacheRead: null,
    cacheWrite: null,
    output: null,
    unsplitInput: null,
    contract: confirmedInclusive,
    whole: true,
    cards: [cardOf(azureSol)],
    ...change,
  };
}

/** What meters say under a contract, given what the input meter itself said. */
export function rawDay(
  raw: { readonly input: number; readonly read: number; readonly write: number },
  contract: InputContract,
  change: Partial<MeteredDay> = {},
): MeteredDay {
  const taken = contract.cachedTakenOut ? raw.read + raw.write : 0;
  return meteredDay({
    input: raw.input - taken,
    cacheRead: raw.read,
    cacheWrite: raw.write,
    contract,
    ...change,
  });
}

export function meaningOf(change: Partial<MeterMeaning> = {}): MeterMeaning {
  return {
    model: sol,
    modelVersion: '',
    item: 'input',
    routing: 'global',
    tier: 'standard',
    band: 'any',
    cacheTtl: '',
    perUnit: 1_000_000,
    ...change,
  };
}

export function billLine(change: Partial<StoredBillLine> = {}): StoredBillLine {
  return {
    day: october1,
    cloud: 'azure',
    source: 'azure_cost_management',
    scope: 'prod-azure/sub-1',
    account: 'sub-1',
    region: 'eastus',
    resource: 'aoai-east',
    service: 'Foundry Models',
    meter: 'gpt 5.6 sol Inp glbl',
    meterId: '',
    meaning: meaningOf(),
    quantity: '1',
    unit: '1M',
    cost: '5',
    amortizedCost: null,
    currency: 'USD',
    recordType: 'usage',
    final: true,
    fetchedAt: october1 + 40 * dayMs,
    ...change,
  };
}

/** Lines that bill so many tokens of each item at so many dollars, to the nano-dollar. */
export function billedTokens(
  tokens: Readonly<Partial<Record<TokenItem, number>>>,
  dollars: Dollars,
  change: Partial<StoredBillLine> = {},
  meaning: Partial<MeterMeaning> = {},
): readonly StoredBillLine[] {
  return tokenItems.flatMap((item) => {
    const count = tokens[item];
    if (count === undefined) return [];
    const nano = Math.round(count * (dollars[item] ?? 0) * 1_000);
    return [
      billLine({
        meter: `sol ${item}`,
        meaning: meaningOf({ item, ...meaning }),
        quantity: String(count / 1e6),
        cost: (nano / 1e9).toFixed(9),
        ...change,
      }),
    ];
  });
}

/** Everything billed and read, from the first of October on, for a year. */
export function inputOf(change: Partial<ReconcileInput>): ReconcileInput {
  const span = { start: october1, end: october1 + 400 * dayMs };
  const places = [
    { cloud: 'azure', account: 'sub-1' },
    { cloud: 'aws', account: '111122223333' },
  ] as const;
  return {
    billed: [],
    metered: [],
    bills: places.map((place) => ({ ...place, ...span, finalUntil: span.end })),
    reads: places.map((place) => ({ ...place, ...span })),
    prices: [],
    currencies: [],
    ...change,
  };
}
