import { loadPricesFile } from '../config/prices-file.ts';
import type { PricesFile } from '../config/prices-file.ts';
import type { Config } from '../config/schema.ts';
import type { Calibration, CalibrationReader } from '../core/calibration.ts';
import type { PriceBookReader, PriceBookWriter } from '../core/price-store.ts';
import type { Price } from '../core/price.ts';
import type { Rater } from '../core/rating.ts';
import type { Instant } from '../core/time.ts';
import { canonicalOf } from '../normalize/canonical-of.ts';
import { diffPrices } from '../pricing/diff.ts';
import { defaultPrices } from '../pricing/genai/default-prices.ts';
import { packagedEdition } from '../pricing/genai/edition.ts';
import { editOf } from '../pricing/update.ts';
import type { Platform } from './platform.ts';
import { raterWith } from './price-changes.ts';

/** Raise with every change of how the default prices are read: ledgers made before take them anew. */
const readingRules = 1;

/** Everything that decides what tokens cost. */
export interface OpenPriceBook {
  /** The ledger's rows, their history included, and those of the user's file. */
  readonly prices: readonly Price[];
  readonly file: PricesFile;
  /** What bills taught. */
  readonly calibrations: readonly Calibration[];
  readonly rater: Rater;
}

/**
 * The book as it stands: what the ledger holds, and the user's file over it.
 * Throws a ConfigError for a file that is not right, and a PriceTieError where two prices contradict each other.
 */
export async function readPriceBook(
  { env }: Pick<Platform, 'env'>,
  { prices, currencies }: Pick<Config, 'prices' | 'currencies'>,
  ledger: Pick<PriceBookReader, 'prices'> & CalibrationReader,
): Promise<OpenPriceBook> {
  const [known, calibrations] = await Promise.all([ledger.prices(), ledger.calibrations()]);
  const file =
    prices.file === undefined
      ? { prices: [], discounts: [], version: '' }
      : loadPricesFile(prices.file, { env, currencies, known });
  const rater = raterWith(known, file, calibrations);
  return { prices: [...known, ...file.prices], file, calibrations, rater };
}

/**
 * Takes the default prices into the ledger where it has none or another edition of them, then rates with the whole book, and
 * anew what that changes. Throws as `readPriceBook` does.
 */
export async function openPriceBook(
  platform: Pick<Platform, 'env'>,
  config: Pick<Config, 'prices' | 'currencies'>,
  ledger: PriceBookReader & PriceBookWriter & CalibrationReader,
  at: Instant,
): Promise<OpenPriceBook> {
  await takeDefaults(ledger);
  const book = await readPriceBook(platform, config, ledger);
  ledger.rateWith(book.rater, at);
  return book;
}

/** Whether the user's file, if there is one, is right over the default prices. Throws as `readPriceBook` does; opens no ledger. */
export async function checkPrices(
  platform: Pick<Platform, 'env'>,
  config: Pick<Config, 'prices' | 'currencies'>,
): Promise<void> {
  if (config.prices.file === undefined) return;
  await readPriceBook(platform, config, {
    prices: () => defaultPrices(canonicalOf),
    calibrations: () => Promise.resolve([]),
  });
}

/** The package is loaded only where its edition is not the one that the ledger holds. */
async function takeDefaults(ledger: PriceBookReader & PriceBookWriter): Promise<void> {
  const source = 'genai_prices';
  const version = `${packagedEdition.version}/${readingRules}`;
  const held = (await ledger.editions()).find((one) => one.source === source);
  if (held?.version === version) return;
  const prices = await defaultPrices(canonicalOf);
  const fetchedAt = packagedEdition.at;
  const edition = { source, version, fetchedAt } as const;
  if (held === undefined) {
    ledger.keepPrices({ ends: [], begins: prices }, edition);
    return;
  }
  // What the edition before said held until this one.
  const listing = {
    source,
    regions: [],
    prices,
    skipped: [],
    version,
    fetchedAt,
    requests: 0,
  } as const;
  const diff = diffPrices(await ledger.prices(), listing, Number.MAX_SAFE_INTEGER);
  ledger.keepPrices(
    editOf(diff, () => true),
    edition,
  );
}
