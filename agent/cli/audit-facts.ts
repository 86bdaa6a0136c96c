import type { AuditMarkReader, InputContractReader } from '../core/audit.ts';
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
  AuditMarkReader &
  Pick<PriceBookReader, 'cardsOf' | 'prices'>;

export interface AuditSettings {
  readonly contracts: ContractSwitches & { readonly openaiInputConfirmed: boolean };
  readonly currencies: readonly CurrencyWorth[];
  /** Of the user's own file, which is not in the ledger. */
  readonly filePrices: readonly Price[];
}

/** A source that tells one figure for a whole service says nothing of meters. */
const coarse: ReadonlySet<string> = new Set(['aws_estimated_charges']);

/** What every day of the audit is made from, but for what was used. */
interface AuditBook {
  readonly living: readonly IdentityRow[];
  readonly contracts: ReadonlyMap<number, InputContract>;
  readonly coverage: ReadonlyMap<number, TrafficCoverage>;
  readonly cards: ReadonlyMap<number, readonly CardSpan[]>;
  readonly billed: readonly StoredBillLine[];
  readonly rest: Pick<ReconcileInput, 'bills' | 'reads' | 'prices' | 'currencies'>;
}

/** Everything the audit of whole UTC days is made from, as the ledger holds it now. */
export async function auditInput(
  reader: AuditReader,
  settings: AuditSettings,
  days: Window,
): Promise<ReconcileInput> {
  const book = await auditBook(reader, settings, days);
  return { ...book.rest, billed: book.billed, metered: await meteredDays(reader, book, days) };
}

/** @param days whole UTC days */
export async function auditBook(
  reader: AuditReader,
  settings: AuditSettings,
  days: Window,
): Promise<AuditBook> {
  const [identities, coverage, contracts, lines, billedDays, book] = await Promise.all([
    reader.identities(),
    reader.coverageByTraffic(dayMs / 1_000),
    reader.inputContracts(),
    reader.bills(days),
    reader.billedDays(),
    reader.prices(),
  ]);
  const living = livingOn(identities, days);
  const billed = lines.filter(({ source }) => !coarse.has(source));
  const told = billedDays.filter(({ source }) => !coarse.has(source));
  return {
    living,
    contracts: new Map(living.map((one) => [one.id, contractOf(settings, one, contracts)])),
    coverage,
    cards: await cardsOf(reader, living),
    billed,
    rest: {
      bills: accountBills(billed, told, living),
      reads: readsOf(identities, coverage),
      prices: [...settings.filePrices, ...book],
      currencies: settings.currencies,
    },
  };
}

/** Those whose meters may have told something. */
export function livingOn(
  identities: readonly IdentityRow[],
  { start, end }: Window,
): readonly IdentityRow[] {
  return identities.filter(({ from, to, reports }) => reports.size > 0 && from < end && to > start);
}

/** By identity, its days in order. */
export async function meteredDays(
  reader: AuditReader,
  { living, contracts, coverage, cards }: AuditBook,
  days: Window,
): Promise<readonly MeteredDay[]> {
  if (living.length === 0) return [];
  const rows = await reader.sums({
    grain: 'day',
    window: days,
    bucketMs: dayMs,
    sets: living.map(({ id }) => [id]),
  });
  const isWhole = wholeDays();
  return rows.flatMap((row) => {
    const one = living[row.set];
    const contract = contracts.get(one?.id ?? 0);
    if (one === undefined || contract === undefined) return [];
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
        whole: isWhole(coverage.get(one.trafficId)?.settled ?? nowhere, row.bucket),
        cards: cardsOn(cards.get(one.id) ?? [], day),
        ratedHigh: row.unpricedTokens > 0 ? null : row.costHigh,
      },
    ];
  });
}

const nowhere: readonly Window[] = [];

/** Whether all of a UTC day lies in spans, which are mostly the same list as they were for another. */
export function wholeDays(): (spans: readonly Window[], day: Instant) => boolean {
  const known = new Map<readonly Window[], Map<Instant, boolean>>();
  return (spans, day) => {
    let own = known.get(spans);
    if (own === undefined) known.set(spans, (own = new Map()));
    let isWhole = own.get(day);
    if (isWhole === undefined) {
      isWhole = coveredMs({ start: day, end: day + dayMs }, spans) === dayMs;
      own.set(day, isWhole);
    }
    return isWhole;
  };
}

async function cardsOf(
  reader: AuditReader,
  living: readonly IdentityRow[],
): Promise<ReadonlyMap<number, readonly CardSpan[]>> {
  return new Map(
    await Promise.all(
      living.map(async ({ id }) => [id, (await reader.cardsOf(id)) ?? []] as const),
    ),
  );
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
    if (from >= day.end || to <= day.start) continue;
    if (!cards.some((one) => listRateKey(one) === listRateKey(card))) cards.push(card);
  }
  return cards;
}

function listRateKey({ calibration, rateKey }: RateCard): string {
  return calibration?.listRateKey ?? rateKey;
}

/** When each account was read whole. Traffics end and begin, so what any of them was read at counts. */
export function readsOf(
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
