import type { InputContractReader } from '../core/audit.ts';
import type { BilledDays, BillReader, StoredBillLine } from '../core/bill-store.ts';
import type { Contract } from '../core/meter.ts';
import type { PriceBookReader } from '../core/price-store.ts';
import type { Price } from '../core/price.ts';
import type { CardSpan, RateCard } from '../core/rating.ts';
import type { IdentityRow, TrafficCoverage, UsageReader } from '../core/store.ts';
import { dayMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { coveredMs, union } from '../core/window.ts';
import { contractBasis, holdsCached, inputKind } from '../normalize/contract.ts';
import type { ContractSwitches } from '../normalize/contract.ts';
import type {
  AccountBill,
  CurrencyWorth,
  InputContract,
  MeteredDay,
  ReconcileInput,
} from '../reconcile/inputs.ts';

export type AuditReader = UsageReader &
  BillReader &
  InputContractReader &
  Pick<PriceBookReader, 'cardsOf' | 'prices'>;

export interface AuditSettings {
  readonly contracts: ContractSwitches & { readonly openaiInputConfirmed: boolean };
  readonly currencies: readonly CurrencyWorth[];
  /** Of the user's own file, which is not in the ledger. */
  readonly filePrices: readonly Price[];
}

/** A source that tells one figure for a whole service says nothing of meters. */
const coarse: ReadonlySet<string> = new Set(['aws_estimated_charges']);

/** Everything the audit of whole UTC days is made from, as the ledger holds it now. */
export async function auditInput(
  reader: AuditReader,
  settings: AuditSettings,
  days: Window,
): Promise<ReconcileInput> {
  const [identities, coverage, contracts, lines, billedDays, book] = await Promise.all([
    reader.identities(),
    reader.coverageByTraffic(dayMs / 1_000),
    reader.inputContracts(),
    reader.bills(days),
    reader.billedDays(),
    reader.prices(),
  ]);
  const living = identities.filter(
    ({ from, to, reports }) => reports.size > 0 && from < days.end && to > days.start,
  );
  const billed = lines.filter(({ source }) => !coarse.has(source));
  return {
    billed,
    metered: await meteredDays(reader, settings, days, living, coverage, contracts),
    bills: accountBills(
      billed,
      billedDays.filter(({ source }) => !coarse.has(source)),
      living,
    ),
    reads: readsOf(identities, coverage),
    prices: [...settings.filePrices, ...book],
    currencies: settings.currencies,
  };
}

async function meteredDays(
  reader: AuditReader,
  settings: AuditSettings,
  days: Window,
  living: readonly IdentityRow[],
  coverage: ReadonlyMap<number, TrafficCoverage>,
  contracts: ReadonlyMap<number, Contract>,
): Promise<readonly MeteredDay[]> {
  if (living.length === 0) return [];
  const rows = await reader.amounts({
    grain: 'day',
    identityIds: living.map(({ id }) => id),
    window: days,
    bucketMs: dayMs,
  });
  const cards = new Map<number, readonly CardSpan[]>(
    await Promise.all(
      living.map(async ({ id }) => [id, (await reader.cardsOf(id)) ?? []] as const),
    ),
  );
  const known = new Map(
    living.map((one) => [one.id, { one, contract: contractOf(settings, one, contracts) }]),
  );
  return rows.flatMap((row) => {
    const found = known.get(row.identityId);
    if (found === undefined) return [];
    const { one, contract } = found;
    const day = { start: row.bucket, end: row.bucket + dayMs };
    return [
      {
        day: row.bucket,
        cloud: one.cloud,
        account: one.account,
        resource: one.resource,
        region: one.region,
        model: one.model,
        modelVersion: one.modelVersion,
        routing: one.routing,
        tier: one.tier,
        input: row.input,
        cacheRead: row.cacheRead,
        cacheWrite: row.cacheWrite,
        output: row.output,
        unsplitInput: row.unsplitInput,
        contract,
        whole: coveredMs(day, coverage.get(one.trafficId)?.settled ?? []) === dayMs,
        cards: cardsOn(cards.get(one.id) ?? [], day),
        ratedHigh: row.unpricedTokens > 0 ? null : row.costHigh,
      },
    ];
  });
}

function contractOf(
  { contracts: switches }: AuditSettings,
  { id, family, reports }: IdentityRow,
  contracts: ReadonlyMap<number, Contract>,
): InputContract {
  const contract = contracts.get(id);
  const basis = contractBasis(contract, family);
  return {
    kind: inputKind(switches, contract, reports.has('cacheRead'), family),
    cachedTakenOut: holdsCached(switches, contract, family),
    basis:
      basis === 'documented'
        ? 'documented'
        : basis === 'switch' && switches.openaiInputConfirmed
          ? 'confirmed'
          : 'assumed',
  };
}

/**
 * Those that hold at any time of the day; cards that differ only in where their prices come from, or in what bills taught,
 * are one: the audit reads list rates alone.
 */
function cardsOn(spans: readonly CardSpan[], day: Window): readonly RateCard[] {
  const cards: RateCard[] = [];
  for (const { from, to, card } of spans) {
    const isSame = cards.some((one) => listRateKey(one) === listRateKey(card));
    if (from < day.end && to > day.start && !isSame) cards.push(card);
  }
  return cards;
}

function listRateKey({ calibration, rateKey }: RateCard): string {
  return calibration?.listRateKey ?? rateKey;
}

/** When each account was read whole. Traffics end and begin, so what any of them was read at counts. */
function readsOf(
  identities: readonly IdentityRow[],
  coverage: ReadonlyMap<number, TrafficCoverage>,
): ReconcileInput['reads'] {
  const accounts = new Map<string, { one: IdentityRow; windows: Set<readonly Window[]> }>();
  for (const one of identities) {
    const key = `${one.cloud}|${one.account}`;
    const own = accounts.get(key) ?? { one, windows: new Set() };
    const settled = coverage.get(one.trafficId)?.settled;
    if (settled !== undefined) own.windows.add(settled);
    accounts.set(key, own);
  }
  return [...accounts.values()].flatMap(({ one: { cloud, account }, windows }) => {
    const spans = union([...windows].flat());
    // An account of which nothing is settled yet is collected all the same.
    const told = spans.length > 0 ? spans : [{ start: 0, end: 0 }];
    return told.map(({ start, end }) => ({ cloud, account, start, end }));
  });
}

/**
 * Which days of which account are billed. A scope that names an account is of it alone; another one (a payer, a file) is of
 * every account that any of its lines is of.
 */
function accountBills(
  lines: readonly StoredBillLine[],
  days: readonly BilledDays[],
  living: readonly IdentityRow[],
): readonly AccountBill[] {
  const told = new Map<string, Set<string>>();
  for (const { source, cloud, scope, account } of lines) {
    const key = scopeKey({ source, cloud, scope });
    const own = told.get(key);
    if (own === undefined) told.set(key, new Set([account]));
    else own.add(account);
  }
  for (const { cloud, account } of living) {
    for (const day of days) {
      if (day.cloud !== cloud || !day.scope.endsWith(`/${account}`)) continue;
      const key = scopeKey(day);
      const own = told.get(key) ?? new Set<string>();
      told.set(key, own.add(account));
    }
  }
  return days.flatMap((span) => {
    const { cloud, start, end, finalUntil } = span;
    const accounts = [...(told.get(scopeKey(span)) ?? [])];
    return accounts.map((account) => ({ cloud, account, start, end, finalUntil }));
  });
}

function scopeKey(one: Pick<BilledDays, 'source' | 'cloud' | 'scope'>): string {
  return `${one.source}|${one.cloud}|${one.scope}`;
}

/** The last full month and this one, in UTC. */
export function defaultDays(now: Instant): Window {
  const at = new Date(now);
  const start = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - 1, 1);
  return { start, end: Math.floor(now / dayMs) * dayMs + dayMs };
}
