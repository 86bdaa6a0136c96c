import type { AmountRow, IdentityRow, UsageReader } from '../core/store.ts';
import type { PriceBookReader } from '../core/price-store.ts';
import { tokenItems } from '../core/price.ts';
import type { RatingSubject, UnpricedReason } from '../core/rating.ts';
import type { RateCard } from '../core/rating.ts';
import type { Amounts } from '../core/usage.ts';
import type { Instant, Window } from '../core/time.ts';
import { dayMs } from '../core/time.ts';
import { select } from '../query/groups.ts';
import { readSegments } from '../query/segments.ts';
import { grouped } from './grouped.ts';

/** What one identity used in a span, by the day. */
export interface IdentityUse {
  readonly identity: IdentityRow;
  readonly rows: readonly AmountRow[];
}

/** Whoever used anything in the last 30 days. */
export async function recentUse(
  reader: Pick<UsageReader, 'identities' | 'amounts'>,
  now: Instant,
): Promise<readonly IdentityUse[]> {
  const { start, end } = recentDays(now);
  const identities = await reader.identities();
  const whole = {
    from: start,
    to: end,
    stepMs: dayMs,
    groupBy: [],
    filters: new Map(),
    teams: [],
  } as const;
  const pages = await readSegments(select(identities, whole), (query) => reader.amounts(query));
  const byIdentity = grouped(pages.flat(), ({ identityId }) => String(identityId));
  return identities.flatMap((identity) => {
    const rows = byIdentity.get(String(identity.id)) ?? [];
    return rows.length === 0 ? [] : [{ identity, rows }];
  });
}

function recentDays(now: Instant): Window {
  return { start: now - 30 * dayMs, end: now };
}

/** Who is rated: what of an identity decides its prices. */
export function subjectOf(identity: IdentityRow): RatingSubject {
  const { cloud, account, region, model, modelVersion, routing, tier, family } = identity;
  return { cloud, account, region, model, modelVersion, routing, tier, family };
}

export function tokensOf({ input, cacheRead, cacheWrite, output, unsplitInput }: Amounts): number {
  const all = [input, cacheRead, cacheWrite, output, unsplitInput];
  return all.reduce<number>((sum, tokens) => sum + (tokens ?? 0), 0);
}

/** Why tokens have no price: as the card says it, or that nothing was rated yet. */
export type WhyUnpriced = UnpricedReason | 'no_hourly_price' | 'not_rated';

export interface UnpricedTokens {
  readonly model: string;
  readonly why: WhyUnpriced;
  /** Kinds of tokens without a price, where others of the same traffic have one. */
  readonly items: readonly string[];
  readonly tokens: number;
}

/** By model and reason, the most tokens first. */
export async function unpricedTokens(
  book: Pick<PriceBookReader, 'cardsOf'>,
  used: readonly IdentityUse[],
): Promise<readonly UnpricedTokens[]> {
  const sums = new Map<string, UnpricedTokens>();
  for (const { identity, rows } of used) {
    const unpriced = rows.filter((row) => row.unpricedTokens > 0);
    if (unpriced.length === 0) continue;
    const spans = await book.cardsOf(identity.id);
    for (const { bucket, unpricedTokens: tokens } of unpriced) {
      // A price may begin within the day: the first card from there on that leaves anything unpriced.
      const span = spans?.find(({ to, card }) => to > bucket && card.unpriced !== undefined);
      const { why, items } = reasonOf(span?.card);
      const key = JSON.stringify([identity.model, why, items]);
      const known = sums.get(key)?.tokens ?? 0;
      sums.set(key, { model: identity.model, why, items, tokens: known + tokens });
    }
  }
  return [...sums.values()].toSorted((a, b) => b.tokens - a.tokens || (a.model < b.model ? -1 : 1));
}

function reasonOf(card: RateCard | undefined): Pick<UnpricedTokens, 'why' | 'items'> {
  const why = card?.unpriced;
  if (card === undefined || why === undefined) return { why: 'not_rated', items: [] };
  if (!card.perToken) return { why: 'no_hourly_price', items: [] };
  if (why !== 'no_item_price') return { why, items: [] };
  return { why, items: tokenItems.filter((item) => card.short[item] === undefined) };
}

export function whyWords({ why, items }: Pick<UnpricedTokens, 'why' | 'items'>): string {
  switch (why) {
    case 'unknown_model':
      return 'no source names this model';
    case 'no_price':
      return 'its prices hold for other traffic or other days';
    case 'before_first_price':
      return 'used before its first price begins';
    case 'no_item_price':
      return `no price for ${items.join(', ').replaceAll('_', ' ')}`;
    case 'no_hourly_price':
      return 'provisioned, and its hours have no price';
    case 'not_rated':
      return 'not rated yet';
    default:
      return why satisfies never;
  }
}
