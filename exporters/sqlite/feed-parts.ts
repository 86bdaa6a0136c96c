import type { Db } from './database.ts';
import { openFeedAgeing } from './feed-ageing.ts';
import type { FeedAgeing } from './feed-ageing.ts';
import type { FeedParts } from './feed.ts';
import { openFeedNames } from './feed-names.ts';
import { openFeedRows } from './feed-rows.ts';
import { openFeedTold } from './feed-told.ts';
import { openFeedTotals } from './feed-totals.ts';
import type { Identities } from './identities.ts';
import { openLatencyPoints } from './latency.ts';
import type { ReadingStore } from './readings.ts';
import type { Registry } from './registry.ts';

/** All that feeds work with, over the ledger's own memory. */
export function openFeedParts(
  db: Db,
  registry: Registry,
  identities: Identities,
  readings: ReadingStore,
): FeedParts & { readonly ageing: FeedAgeing } {
  const names = openFeedNames(db);
  const parts = {
    db,
    registry,
    identities,
    names,
    rows: openFeedRows(db),
    told: openFeedTold(db),
    totals: openFeedTotals(db, names),
  };
  return { ...parts, ageing: openFeedAgeing(parts), latencyOf: openLatencyPoints(db, readings) };
}
