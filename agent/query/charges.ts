import type { BillReader } from '../core/bill-store.ts';
import type { Charge, ChargePage } from '../core/charge.ts';
import type { ExplainCost } from '../core/evidence.ts';
import { monthStart, nextMonth } from '../core/month.ts';
import type { PriceBookReader } from '../core/price-store.ts';
import type { CapacityIdentity } from '../core/capacity.ts';
import type { IdentityRow, TrafficCoverage, UsageReader } from '../core/store.ts';
import { dayMs, hourMs, minuteMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { hull, intersect, split } from '../core/window.ts';
import { bearersOf } from './capacity-costs.ts';
import { capacityLine, readCapacityRates } from './charge-capacity.ts';
import type { CapacityRates } from './charge-capacity.ts';
import { readInvoices, settlement } from './charge-facts.ts';
import { isRounding, tokenLines } from './charge-lines.ts';
import type { ZeptoRange } from './charge-lines.ts';
import { createChargeRates } from './charge-rates.ts';
import { createRoundings } from './charge-roundings.ts';
import { capacityRows, meteredRows, rememberedCards } from './charge-rows.ts';
import { valueReader } from './dimensions.ts';
import { select } from './groups.ts';
import type { Selection } from './groups.ts';
import { planQuery } from './plan.ts';

/** What charges are read from. */
export interface ChargeReaders {
  readonly usage: UsageReader;
  readonly bills: Pick<BillReader, 'bills'>;
  readonly cards: Pick<PriceBookReader, 'cardsOf' | 'cardsMark'>;
  readonly explainCost: ExplainCost;
}

export type ChargeStep = 'hour' | 'day';

export interface ChargeRequest extends Pick<Selection, 'filters' | 'scope' | 'teams'> {
  /** Whole UTC days. */
  readonly days: Window;
  readonly step: ChargeStep;
}

const stepsMs = { hour: hourMs, day: dayMs } as const;

/** Identities that are read at once: what an export holds in memory does not grow with how many there are. */
const identitiesAtOnce = 100;

/**
 * What everything of some days costs, by traffic and kind of token, as quantities times unit prices: day by day, and at the
 * end of each month what the ledger's cost differs by, so that all charges add up to it to the nano-dollar.
 */
export async function* readCharges(
  readers: ChargeReaders,
  request: ChargeRequest,
): AsyncGenerator<ChargePage, void> {
  const { usage, bills } = readers;
  const { days } = request;
  const stepMs = stepsMs[request.step];
  const [identities, capacities, coverage] = await Promise.all([
    usage.identities(),
    usage.capacities(),
    usage.coverageByTraffic(stepMs / 1_000),
  ]);
  const chosen = chosenOf(bearersOf(identities, capacities).all, request);
  const roundings = createRoundings();
  const chargesOf = createPages(readers, request, (of, rest) => roundings.add(of, rest));
  const known = knownDays(days, coverage, capacities);
  let monthFrom = known.start;
  for (const day of split(known, dayMs)) {
    const plan = planQuery(day.start, day.end, stepMs);
    const [rates, invoiceOf] = await Promise.all([
      readCapacityRates(usage, capacities, day, stepMs),
      readInvoices(bills, day),
    ]);
    const living = chosen.filter(({ from, to }) => from < day.end && to > day.start);
    for (let place = 0; place < living.length; place += identitiesAtOnce) {
      const some = living.slice(place, place + identitiesAtOnce);
      const settledOf = settlement(plan, some, coverage);
      const page = await chargesOf(some, plan, rates, (of, period, bucket) => ({
        period,
        of,
        settled: settledOf(of.id, bucket),
        invoice: invoiceOf(of),
      }));
      yield { ...page, until: day.start };
    }
    const isMonthOver = day.end === known.end || day.end === nextMonth(day.start);
    const charges = isMonthOver ? roundings.take({ start: monthFrom, end: day.end }) : [];
    if (isMonthOver) monthFrom = day.end;
    yield { charges, unpricedTokens: 0, unpricedUnitHours: 0, until: day.end };
  }
  if (known.end < days.end) {
    yield { charges: [], unpricedTokens: 0, unpricedUnitHours: 0, until: days.end };
  }
}

/** However long the range is, the months of which nothing is known are not looked at. */
function knownDays(
  days: Window,
  coverage: ReadonlyMap<number, TrafficCoverage>,
  capacities: readonly CapacityIdentity[],
): Window {
  const read = [...coverage.values()].flatMap(({ covered }) => Object.values(covered).flat());
  const held = capacities.map(({ from, to }) => ({ start: from, end: to }));
  const whole = hull([...read, ...held]);
  const known = whole && { start: monthStart(whole.start), end: nextMonth(whole.end - 1) };
  return (known && intersect(days, known)) ?? { start: days.start, end: days.start };
}

type Facts = Pick<Charge, 'period' | 'settled' | 'invoice'> & { readonly of: IdentityRow };
type FactsOf = (of: IdentityRow, period: Window, bucket: Instant) => Facts;

/** Makes the charges of some identities in the buckets of a plan. */
function createPages(
  { usage, cards, explainCost }: ChargeReaders,
  { teams }: ChargeRequest,
  round: (of: IdentityRow, rest: ZeptoRange) => void,
) {
  const cardsOf = rememberedCards(cards);
  const ratesOf = createChargeRates(explainCost);
  const valueOf = valueReader(teams);

  return async (
    some: readonly IdentityRow[],
    plan: ReturnType<typeof planQuery>,
    capacityRates: CapacityRates,
    factsOf: FactsOf,
  ): Promise<Omit<ChargePage, 'until'>> => {
    const charges: Charge[] = [];
    let unpricedTokens = 0;

    function keepRest(facts: Facts & { readonly team: string }, rest: ZeptoRange): void {
      const minutes = (facts.period.end - facts.period.start) / minuteMs;
      if (isRounding(rest, minutes)) round(facts.of, rest);
      else charges.push({ kind: 'difference', ...facts, ...rest });
    }

    for (const { row, of, period, card } of await meteredRows(usage, some, plan, cardsOf)) {
      const facts = { ...factsOf(of, period, row.bucket), team: valueOf(of, 'team') };
      const found = tokenLines(row, card === undefined ? {} : ratesOf(card));
      unpricedTokens += found.unpricedTokens;
      const perToken = card?.perToken ?? true;
      for (const { amount, tokens, rate, low, high } of found.lines) {
        const price = { rate: rate.best, listRate: rate.list, perToken };
        charges.push({ kind: 'tokens', ...facts, amount, tokens, ...price, low, high });
      }
      keepRest(facts, found.rest);
    }
    for (const { row, of, period } of await capacityRows(usage, some, plan)) {
      const facts = { ...factsOf(of, period, row.bucket), team: valueOf(of, 'team') };
      const { rest, line, ...price } = capacityLine(row, capacityRates.rateOf(of, row.bucket));
      if (line !== undefined) {
        const { unitHours, low, high } = line;
        const which = of.id < 0 ? 'idle' : 'used';
        charges.push({ kind: 'capacity', ...facts, line: which, ...price, unitHours, low, high });
      }
      keepRest(facts, rest);
    }
    const ids = new Set(some.map(({ id }) => id));
    const unpricedUnitHours = capacityRates.unpricedUnitHours((id) => ids.has(id));
    return { charges, unpricedTokens, unpricedUnitHours };
  };
}

/** In an order that a ledger filled another way has too. */
function chosenOf(
  all: readonly IdentityRow[],
  { days, filters, scope, teams }: ChargeRequest,
): readonly IdentityRow[] {
  const { groups } = select(all, {
    from: days.start,
    to: days.end,
    stepMs: 'total',
    groupBy: [],
    filters,
    ...(scope && { scope }),
    teams,
  });
  return groups
    .flatMap(({ identities }) => identities)
    .map((one) => ({ one, name: nameOf(one) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .map(({ one }) => one);
}

function nameOf(of: IdentityRow): string {
  const { cloud, account, region, resource, model, modelVersion, vendorModel, deployment } = of;
  const { endpoint, routing, tier, from, id } = of;
  const words = [cloud, account, region, resource, model, modelVersion, vendorModel, deployment];
  return JSON.stringify([...words, endpoint, routing, tier, from, id < 0]);
}
