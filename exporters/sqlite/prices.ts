import type { KeptEdit, PriceEdition } from '../../agent/core/price-store.ts';
import type { PriceListing } from '../../agent/core/price-list.ts';
import type { Price } from '../../agent/core/price.ts';
import { dataFrom, dataText } from './data-text.ts';
import type { Db } from './database.ts';

/** The price book as rows, its whole history. */
export interface Prices {
  all(): readonly Price[];
  editions(): readonly PriceEdition[];
  offers(): readonly PriceListing[];
  /** Caller makes it one transaction. */
  keep(edit: KeptEdit, edition: PriceEdition): void;
  offer(listing: PriceListing): void;
}

const columns = {
  source: 'source',
  source_version: 'sourceVersion',
  reference: 'reference',
  cloud: 'cloud',
  model: 'model',
  model_version: 'modelVersion',
  account: 'account',
  region: 'region',
  routing: 'routing',
  tier: 'tier',
  item: 'item',
  band: 'band',
  threshold_tokens: 'thresholdTokens',
  cache_ttl: 'cacheTtl',
  nano_usd: 'nanoUsd',
  from_at: 'from',
  to_at: 'to',
  fetched_at: 'fetchedAt',
} as const satisfies Readonly<Record<string, keyof Price>>;

/** What tells a row of the book from every other. */
const identifying =
  'source, reference, cloud, model, model_version, account, region, routing, tier, item, band, cache_ttl, from_at, nano_usd';

export function openPrices(db: Db): Prices {
  const selected = Object.entries(columns).map(([column, field]) => `${column} AS "${field}"`);
  const all = db.prepare(`SELECT ${selected.join(', ')} FROM price ORDER BY id`).safeIntegers(true);
  const insert = db.prepare(
    `INSERT INTO price (${Object.keys(columns).join(', ')})
     VALUES (${Object.values(columns)
       .map((field) => `@${field}`)
       .join(', ')})
     ON CONFLICT (${identifying}) DO UPDATE SET to_at = excluded.to_at,
       threshold_tokens = excluded.threshold_tokens, source_version = excluded.source_version,
       fetched_at = excluded.fetched_at`,
  );
  const editions = db.prepare(
    'SELECT source, version, fetched_at AS fetchedAt FROM price_edition ORDER BY source',
  );
  const setEdition = db.prepare(
    `INSERT INTO price_edition VALUES (@source, @version, @fetchedAt)
     ON CONFLICT (source) DO UPDATE SET version = excluded.version, fetched_at = excluded.fetched_at`,
  );
  const offers = db.prepare('SELECT listing FROM price_offer ORDER BY source').pluck();
  const setOffer = db.prepare(
    `INSERT INTO price_offer VALUES (?, ?)
     ON CONFLICT (source) DO UPDATE SET listing = excluded.listing`,
  );
  return {
    all: () => (all.all() as readonly StoredPrice[]).map(priceFrom),
    editions: () => editions.all() as readonly PriceEdition[],
    offers: () => (offers.all() as readonly string[]).map((text) => dataFrom(text) as PriceListing),
    keep({ ends, begins }, edition) {
      for (const { row, to } of ends) insert.run({ ...row, to });
      for (const row of begins) insert.run(row);
      setEdition.run(edition);
    },
    offer: (listing) => void setOffer.run(listing.source, dataText(listing)),
  };
}

/** As it comes from the file, where every number is a bigint. */
type StoredPrice = {
  readonly [Field in keyof Price]: Price[Field] extends number | null
    ? bigint | null
    : Price[Field];
};

function priceFrom(row: StoredPrice): Price {
  const { thresholdTokens, from, to, fetchedAt, ...rest } = row;
  return {
    ...rest,
    thresholdTokens: thresholdTokens === null ? null : Number(thresholdTokens),
    from: Number(from),
    to: Number(to),
    fetchedAt: Number(fetchedAt),
  };
}
