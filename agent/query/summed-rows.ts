import type { AmountRow, IdentityRow, SumQuery, SumTable, UsageReader } from '../core/store.ts';
import type { Instant } from '../core/time.ts';
import { amountOfSum } from './amount-of-sum.ts';
import { cardAt, cutsWithin } from './charge-rates.ts';
import { partsOf } from './charge-rows.ts';
import type { CardsOf, MeteredRow } from './charge-rows.ts';
import { setsOfOne } from './living.ts';
import { bucketAt, bucketWindow } from './plan.ts';
import type { Plan } from './plan.ts';
import { createSummedMemory } from './summed-memory.ts';

/** What is known of a sum, which tells no peak. */
export type SummedAmounts = Omit<AmountRow, 'identityId' | 'peakTokens'>;

/** The input of a sum. */
export type SummedInput = Pick<
  SummedAmounts,
  'bucket' | 'input' | 'cacheRead' | 'cacheWrite' | 'unsplitInput'
>;

export interface SummedRow extends Pick<MeteredRow, 'of' | 'card'> {
  readonly row: SummedAmounts;
}

/** Tells of each sum, as often as it is asked to; the row is the next one's too. Those of one identity mostly follow each other. */
export type EachInput = (
  visit: (row: SummedInput, of: SummedRow['of'], card: SummedRow['card']) => void,
) => void;

const rememberedRows = createSummedMemory<readonly SummedRow[]>();
const rememberedInput = createSummedMemory<EachInput>();

export type SumReader = Pick<UsageReader, 'sums' | 'sumTable'>;

/**
 * As `meteredRows`, out of sums, which stay in memory: for questions that are asked again and again of everybody. The same rows
 * where neither sums nor cards are others than the last time.
 * @param metered identities that meters tell of
 */
export async function summedRows(
  usage: SumReader,
  metered: readonly IdentityRow[],
  plan: Plan,
  cardsOf: CardsOf,
): Promise<readonly SummedRow[]> {
  const tables = await tablesOf(usage, metered, plan);
  if (tables === undefined) return rowsOfSums(usage, metered, plan, cardsOf);
  const known = rememberedRows(usage, { metered, plan, cardsOf, tables });
  if (known.value !== undefined) return known.value;
  const rows: SummedRow[] = [];
  const asked = { usage, metered, plan, cardsOf, tables };
  const cut = await eachPlace(asked, (page, index, card) => {
    const table = tables[page];
    const of = table && metered[Math.floor(index / table.buckets)];
    if (table === undefined || of === undefined) return;
    const bucket = bucketIn(table, plan, index % table.buckets);
    rows.push({ row: amountsIn(table, index, bucket), of, card });
  });
  // What the parts of a sum come to is not in the tables.
  if (cut.length === 0) known.keep(rows);
  return cut.length === 0 ? rows : [...rows, ...cut];
}

/** As `summedRows`, and no more than the input of each; the same function where nothing is another. */
export async function summedInput(
  usage: SumReader,
  metered: readonly IdentityRow[],
  plan: Plan,
  cardsOf: CardsOf,
): Promise<EachInput> {
  const tables = await tablesOf(usage, metered, plan);
  if (tables === undefined) {
    const rows = await rowsOfSums(usage, metered, plan, cardsOf);
    return (visit) => {
      for (const { row, of, card } of rows) visit(row, of, card);
    };
  }
  const known = rememberedInput(usage, { metered, plan, cardsOf, tables });
  if (known.value !== undefined) return known.value;
  const most = tables.reduce((sum, { costs }) => sum + costs.unpricedTokens.length, 0);
  const pages = new Uint8Array(most);
  const indexes = new Int32Array(most);
  const cards: SummedRow['card'][] = [];
  const asked = { usage, metered, plan, cardsOf, tables };
  const cut = await eachPlace(asked, (page, index, card) => {
    pages[cards.length] = page;
    indexes[cards.length] = index;
    cards.push(card);
  });
  const each: EachInput = (visit) => {
    const row = { bucket: 0, ...noInput };
    for (let place = 0; place < cards.length; place += 1) {
      const table = tables[pages[place] ?? 0];
      const index = indexes[place] ?? 0;
      const of = table && metered[Math.floor(index / table.buckets)];
      if (table === undefined || of === undefined) continue;
      fillInput(row, table, index);
      row.bucket = bucketIn(table, plan, index % table.buckets);
      visit(row, of, cards[place]);
    }
    for (const { row: part, of, card } of cut) visit(part, of, card);
  };
  if (cut.length === 0) known.keep(each);
  return each;
}

const noInput: Writable<Omit<SummedInput, 'bucket'>> = {
  input: null,
  cacheRead: null,
  cacheWrite: null,
  unsplitInput: null,
};

type Writable<Row> = { -readonly [Name in keyof Row]: Row[Name] };

function fillInput(row: typeof noInput, { amounts }: SumTable, index: number): void {
  row.input = figureIn(amounts.input, index);
  row.cacheRead = figureIn(amounts.cacheRead, index);
  row.cacheWrite = figureIn(amounts.cacheWrite, index);
  row.unsplitInput = figureIn(amounts.unsplitInput, index);
}

function queriesOf(metered: readonly IdentityRow[], plan: Plan): readonly SumQuery[] {
  const bucketMs = plan.step === 'total' ? 0 : plan.step;
  const sets = setsOfOne(metered);
  return plan.segments.map(({ grain, window }) => ({ grain, window, bucketMs, sets }));
}

/** Undefined where the ledger does not tell all of them so. */
async function tablesOf(
  usage: SumReader,
  metered: readonly IdentityRow[],
  plan: Plan,
): Promise<readonly SumTable[] | undefined> {
  const tables: SumTable[] = [];
  for (const query of metered.length === 0 ? [] : queriesOf(metered, plan)) {
    const table = await usage.sumTable?.(query);
    if (table === undefined || table === null) return undefined;
    tables.push(table);
  }
  return tables;
}

interface Asked {
  readonly usage: SumReader;
  readonly metered: readonly IdentityRow[];
  readonly plan: Plan;
  readonly cardsOf: CardsOf;
  readonly tables: readonly SumTable[];
}

/**
 * Tells of each place of the tables where there is a sum: of its index in its table, which is the `page`th. Of those that other
 * rates cut, the parts are returned.
 */
async function eachPlace(
  { usage, metered, plan, cardsOf, tables }: Asked,
  visit: (page: number, index: number, card: SummedRow['card']) => void,
): Promise<readonly SummedRow[]> {
  const cut: SummedRow[] = [];
  const pages = tables.map((table) => ({
    table,
    buckets: Array.from({ length: table.buckets }, (_, place) => {
      const bucket = bucketIn(table, plan, place);
      return { bucket, period: bucketWindow(plan, bucketAt(plan, bucket)) };
    }),
  }));
  // By number: what telling one after the other leaves behind is more than what is told.
  for (let set = 0; set < metered.length; set += 1) {
    const of = metered[set];
    if (of === undefined) continue;
    const spans = cardsOf.known(of.id) ?? (await cardsOf(of.id));
    for (let page = 0; page < pages.length; page += 1) {
      const { table, buckets } = pages[page] ?? {};
      if (table === undefined || buckets === undefined) continue;
      for (let place = 0; place < buckets.length; place += 1) {
        const index = set * table.buckets + place;
        const at = buckets[place];
        // Every row says how much of it has no price: where none does, there is none.
        if (at === undefined || Number.isNaN(table.costs.unpricedTokens[index])) continue;
        const { bucket, period } = at;
        const card = cardAt(spans, period.start);
        const mayBeCut = spans.length > 1 || (spans[0]?.from ?? 0) > period.start;
        const cuts = mayBeCut ? cutsWithin(spans, period, Number(plan.step)) : noCuts;
        if (cuts.length === 0) {
          visit(page, index, card);
          continue;
        }
        const row = { ...amountsIn(table, index, bucket), identityId: of.id, peakTokens: null };
        const whole = { row, of, card, period };
        cut.push(...(await partsOf(amountsOfSums(usage), whole, plan, spans, cuts)));
      }
    }
  }
  return cut;
}

function bucketIn({ first }: SumTable, { step }: Plan, place: number): Instant {
  return step === 'total' ? first : first + place * step;
}

const noCuts: ReturnType<typeof cutsWithin> = [];

function amountsIn({ amounts, costs }: SumTable, index: number, bucket: Instant): SummedAmounts {
  return {
    bucket,
    cost: moneyIn(costs.cost, index),
    costLow: moneyIn(costs.costLow, index),
    costHigh: moneyIn(costs.costHigh, index),
    unpricedTokens: costs.unpricedTokens[index] ?? 0,
    input: figureIn(amounts.input, index),
    cacheRead: figureIn(amounts.cacheRead, index),
    cacheWrite: figureIn(amounts.cacheWrite, index),
    output: figureIn(amounts.output, index),
    unsplitInput: figureIn(amounts.unsplitInput, index),
    requests: figureIn(amounts.requests, index),
    errors: figureIn(amounts.errors, index),
    throttles: figureIn(amounts.throttles, index),
  };
}

function figureIn(column: Float64Array, index: number): number | null {
  const figure = column[index] ?? Number.NaN;
  return Number.isNaN(figure) ? null : figure;
}

function moneyIn(column: Float64Array, index: number): bigint | null {
  const figure = figureIn(column, index);
  return figure === null ? null : BigInt(figure);
}

/** Out of sums, as `amounts` would tell them. */
function amountsOfSums(usage: SumReader): Pick<UsageReader, 'amounts'> {
  return {
    async amounts({ grain, window, bucketMs, identityIds }) {
      const sets = identityIds.map((id) => [id]);
      const rows = await usage.sums({ grain, window, bucketMs, sets });
      return rows.map((row) => amountOfSum(row, identityIds[row.set] ?? 0));
    },
  };
}

/** For a ledger that has no tables, and for numbers that are in none. */
async function rowsOfSums(
  usage: SumReader,
  metered: readonly IdentityRow[],
  plan: Plan,
  cardsOf: CardsOf,
): Promise<readonly SummedRow[]> {
  const pages = await Promise.all(queriesOf(metered, plan).map((query) => usage.sums(query)));
  const places = pages.map(() => 0);
  const found: SummedRow[] = [];
  for (const [set, of] of metered.entries()) {
    const spans = await cardsOf(of.id);
    for (const [number, page] of pages.entries()) {
      // Rows come by set, then by bucket, and one page after the other is later.
      let place = places[number] ?? 0;
      for (let row = page[place]; row?.set === set; row = page[place]) {
        place += 1;
        const period = bucketWindow(plan, bucketAt(plan, row.bucket));
        const whole = { row, of, card: cardAt(spans, period.start) };
        const cuts = spans.length === 0 ? noCuts : cutsWithin(spans, period, Number(plan.step));
        if (cuts.length === 0) found.push(whole);
        else {
          const one = { ...whole, row: amountOfSum(row, of.id), period };
          found.push(...(await partsOf(amountsOfSums(usage), one, plan, spans, cuts)));
        }
      }
      places[number] = place;
    }
  }
  return found;
}
