import { addKnown } from '../core/money.ts';
import type { CapacityCostRow } from '../core/capacity.ts';
import type { PriceBookReader } from '../core/price-store.ts';
import type { CardSpan, RateCard } from '../core/rating.ts';
import type { AmountRow, IdentityRow, UsageReader } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { amountNames } from '../core/usage.ts';
import { addAmounts } from './by-amount.ts';
import { cardAt, cutsWithin } from './charge-rates.ts';
import { provisionedOf } from './living.ts';
import { bucketAt, bucketWindow, planQuery } from './plan.ts';
import type { Plan } from './plan.ts';

/** What an identity used in a bucket, or a part of one, in which one card holds. */
export interface MeteredRow {
  readonly row: AmountRow;
  readonly of: IdentityRow;
  readonly period: Window;
  /** Undefined: nothing of it was ever rated. */
  readonly card: RateCard | undefined;
}

export interface CardsOf {
  (identityId: number): Promise<readonly CardSpan[]>;
  /** Without waiting, where it was asked for before. */
  known(identityId: number): readonly CardSpan[] | undefined;
}

/** Reads amounts of many identities. */
type AmountReader = Pick<UsageReader, 'amounts'>;

type CardReader = Pick<PriceBookReader, 'cardsOf' | 'cardsMark'>;

/** By what tells cards from others; forgotten with it. */
const knownCards = new WeakMap<object, CardsOf>();

/** Cards are alike from identity to identity: each is kept once, and as long as none of them changes. */
export function rememberedCards(cards: CardReader): CardsOf {
  const mark = cards.cardsMark?.();
  const known = mark === undefined ? undefined : knownCards.get(mark);
  if (known !== undefined) return known;
  const made = rememberCards(cards);
  if (mark !== undefined) knownCards.set(mark, made);
  return made;
}

function rememberCards(cards: CardReader): CardsOf {
  const spans = new Map<number, readonly CardSpan[]>();
  const byKey = new Map<string, RateCard>();
  const once = (card: RateCard) => {
    const known = byKey.get(card.key);
    if (known !== undefined) return known;
    byKey.set(card.key, card);
    return card;
  };
  const read = async (identityId: number) => {
    const known = spans.get(identityId);
    if (known !== undefined) return known;
    const found = (await cards.cardsOf(identityId)) ?? [];
    const kept = found.every(({ card }) => once(card) === card)
      ? found
      : found.map((span) => ({ ...span, card: once(span.card) }));
    spans.set(identityId, kept);
    return kept;
  };
  return Object.assign(read, { known: (identityId: number) => spans.get(identityId) });
}

/**
 * By identity and bucket. Where a rate changes within a bucket it is two rows, or more, as long as the amounts on either side
 * are kept.
 */
export async function meteredRows(
  usage: AmountReader,
  identities: readonly IdentityRow[],
  plan: Plan,
  cardsOf: CardsOf,
): Promise<readonly MeteredRow[]> {
  const metered = identities.filter(({ reports }) => reports.size > 0);
  const byIdentity = new Map<number, AmountRow[]>();
  const ids = metered.map(({ id }) => id);
  for (const row of await readAmounts(usage, ids, plan)) {
    const known = byIdentity.get(row.identityId);
    if (known === undefined) byIdentity.set(row.identityId, [row]);
    else known.push(row);
  }
  const found: MeteredRow[] = [];
  for (const of of metered) {
    const rows = byIdentity.get(of.id);
    if (rows === undefined) continue;
    const spans = await cardsOf(of.id);
    const inOrder = rows.length < 2 ? rows : rows.toSorted((a, b) => a.bucket - b.bucket);
    for (const row of inOrder) {
      const period = bucketWindow(plan, bucketAt(plan, row.bucket));
      const cuts = cutsWithin(spans, period, Number(plan.step));
      const whole = { row, of, period, card: cardAt(spans, period.start) };
      if (cuts.length === 0) found.push(whole);
      else found.push(...(await partsOf(usage, whole, plan, spans, cuts)));
    }
  }
  return found;
}

/** What the rates within a bucket make of it: the whole, where its parts are not kept any more. */
export async function partsOf(
  usage: AmountReader,
  whole: MeteredRow,
  { step }: Plan,
  spans: readonly CardSpan[],
  cuts: readonly Instant[],
): Promise<readonly MeteredRow[]> {
  const { row, of, period } = whole;
  const parts: MeteredRow[] = [];
  for (const [place, start] of [period.start, ...cuts].entries()) {
    const part = { start, end: cuts[place] ?? period.end };
    const rows = await readAmounts(usage, [of.id], planQuery(part.start, part.end, step));
    const [first] = rows;
    if (first === undefined) continue;
    parts.push({
      row: { ...added(first, rows), bucket: row.bucket },
      of,
      period: part,
      card: cardAt(spans, part.start),
    });
  }
  const [first] = parts;
  const same =
    first !== undefined &&
    isSame(
      added(
        first.row,
        parts.map((part) => part.row),
      ),
      row,
    );
  return same ? parts : [whole];
}

async function readAmounts(
  usage: AmountReader,
  identityIds: readonly number[],
  { segments, step }: Plan,
): Promise<readonly AmountRow[]> {
  if (identityIds.length === 0) return [];
  const bucketMs = step === 'total' ? 0 : step;
  const pages = await Promise.all(
    segments.map(({ grain, window }) => usage.amounts({ grain, identityIds, window, bucketMs })),
  );
  return pages.flat();
}

function added(first: AmountRow, rows: readonly AmountRow[]): AmountRow {
  const sumOf = (name: 'cost' | 'costLow' | 'costHigh') =>
    rows.reduce<bigint | null>((sum, row) => addKnown(sum, row[name]), null);
  return {
    ...first,
    ...addAmounts(rows),
    cost: sumOf('cost'),
    costLow: sumOf('costLow'),
    costHigh: sumOf('costHigh'),
    unpricedTokens: rows.reduce((sum, row) => sum + row.unpricedTokens, 0),
  };
}

function isSame(a: AmountRow, b: AmountRow): boolean {
  return a.cost === b.cost && amountNames.every((name) => a[name] === b[name]);
}

/** What identities bear of capacity, and what stood idle of those among them, by bucket. */
export async function capacityRows(
  usage: UsageReader,
  identities: readonly IdentityRow[],
  plan: Plan,
): Promise<readonly (Omit<MeteredRow, 'row' | 'card'> & { readonly row: CapacityCostRow })[]> {
  const bearers = new Map(provisionedOf(identities).map((one) => [one.id, one]));
  if (bearers.size === 0) return [];
  const bucketMs = plan.step === 'total' ? 0 : plan.step;
  const identityIds = [...bearers.keys()];
  const rows = await usage.capacityCosts({ identityIds, window: plan.window, bucketMs });
  return rows.flatMap((row) => {
    const of = bearers.get(row.identityId);
    const period = bucketWindow(plan, bucketAt(plan, row.bucket));
    return of === undefined ? [] : [{ row, of, period }];
  });
}
