import type { CostChange } from '../core/price-store.ts';
import { isoUtc } from '../core/time.ts';
import type { PriceChange } from '../pricing/diff.ts';
import type { MoneyEffect } from '../pricing/update.ts';
import { usdOf } from '../query/costs.ts';
import { priceOf, shortIdOf } from './price-changes.ts';
import type { Proposal } from './price-changes.ts';

/** A list's changes for programs, one row a price. */
export function proposalJson({ listing, diff, edit }: Proposal) {
  const waiting = new Set(edit.waiting);
  return {
    source: listing.source,
    version: listing.version,
    fetched_at: isoUtc(listing.fetchedAt),
    regions: listing.regions,
    unchanged: diff.unchanged,
    skipped: listing.skipped.length,
    changes: diff.changes.map((change) => changeJson(change, waiting.has(change))),
  };
}

/** One price that changes. */
export function changeJson(change: PriceChange, waiting: boolean) {
  const price = priceOf(change);
  const { disputedBy } = change;
  return {
    id: shortIdOf([change.id]),
    model: price.model,
    model_version: price.modelVersion,
    cloud: price.cloud,
    region: price.region,
    routing: price.routing,
    tier: price.tier,
    token_type: price.item,
    context_band: price.band,
    cache_ttl: price.cacheTtl,
    change: change.kind,
    old_usd: usdOf(change.before?.nanoUsd ?? null),
    new_usd: usdOf(change.after?.nanoUsd ?? null),
    ratio: change.ratio ?? null,
    effective_from: isoUtc(change.at),
    waiting,
    waits_for: change.waitsFor,
    disputed_by:
      disputedBy === undefined
        ? null
        : {
            source: disputedBy.source,
            usd: usdOf(disputedBy.nanoUsd),
            reference: disputedBy.reference,
          },
  };
}

export function effectJson(effects: readonly MoneyEffect[]) {
  return effects.map(({ model, before, after, difference: change, ...tokens }) => ({
    model,
    before_usd: usdOf(before),
    after_usd: usdOf(after),
    difference_usd: usdOf(change),
    unpriced_tokens_before: tokens.unpricedTokensBefore,
    unpriced_tokens_after: tokens.unpricedTokensAfter,
  }));
}

export function ratedJson(changes: readonly CostChange[]) {
  return changes.map((change) => ({
    model: change.model,
    before_usd: usdOf(change.before),
    after_usd: usdOf(change.after),
    difference_usd: usdOf((change.after ?? 0n) - (change.before ?? 0n)),
    periods: change.rows,
  }));
}
