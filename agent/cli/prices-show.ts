import type { Instant } from '../core/time.ts';
import { createBook } from '../pricing/book.ts';
import { explainLookup } from '../pricing/explain.ts';
import type { Platform } from './platform.ts';
import { readPriceBook } from './price-book.ts';
import { recentUse } from './price-usage.ts';
import { showJson } from './prices-show-json.ts';
import type { ShownPrices } from './prices-show-json.ts';
import { showText } from './prices-show-text.ts';
import { knownModels, modelOf, trafficOf } from './prices-traffic.ts';
import type { AskedTraffic } from './prices-traffic.ts';
import { interpretationOf, readConfig } from './settings.ts';
import { parseWhen } from './when.ts';

export interface ShowOptions extends AskedTraffic {
  readonly at?: string;
  readonly all: boolean;
  readonly json: boolean;
}

/** `crossbill prices show MODEL`: which price holds for whose traffic, step by step. Beside a running agent. */
export async function pricesShowVerb(
  platform: Platform,
  configPath: string,
  word: string,
  { at: when, all, json, ...asked }: ShowOptions,
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const at: Instant = when === undefined ? now : parseWhen(when, now, '--at');
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  try {
    const { prices, file, rater } = await readPriceBook(platform, config, reader);
    const book = createBook(prices, file.discounts);
    const used = await recentUse(reader, now);
    const aliases = new Map(Object.entries(config.models.aliases));
    const model = modelOf(word, knownModels(book, await reader.identities()), aliases);
    const { subjects, from } = trafficOf(model, asked, used, book);
    const shown: ShownPrices = {
      word,
      model,
      at,
      from,
      explained: subjects.map((subject) => ({
        subject,
        card: cardAt(rater.cardsOf(subject), at),
        items: explainLookup(book, subject, at),
      })),
    };
    const { out } = platform;
    if (json) out.write(`${JSON.stringify(showJson(shown), null, 2)}\n`);
    else out.write(showText(shown, { width: out.isTerminal ? out.columns : Infinity, all }));
    return 0;
  } finally {
    reader.close();
  }
}

function cardAt<Card>(
  spans: readonly { readonly from: Instant; readonly to: Instant; readonly card: Card }[],
  at: Instant,
): Card {
  const span = spans.find(({ from, to }) => from <= at && at < to);
  if (span === undefined) throw new Error('a rater covers all time');
  return span.card;
}
