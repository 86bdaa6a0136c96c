import { summariseWaiting } from './price-changes.ts';
import type { Platform } from './platform.ts';
import { readPriceBook } from './price-book.ts';
import { recentUse, tokensOf, unpricedTokens } from './price-usage.ts';
import { modelsOf, remarksOn, summarise, summaryJson, summaryText } from './prices-summary.ts';
import { interpretationOf, readConfig } from './settings.ts';

/** `crossbill prices`: where the book's prices come from, how old they are, and what has none. Beside a running agent. */
export async function pricesVerb(
  platform: Platform,
  configPath: string,
  options: { readonly json: boolean },
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  try {
    const { prices, file } = await readPriceBook(platform, config, reader);
    const clouds = new Set(config.sources.map(({ type }) => type));
    const sources = summarise(prices, await reader.editions(), clouds, now);
    const used = await recentUse(reader, now);
    const known = prices.filter(({ source }) => source !== 'file');
    const summary = {
      now,
      sources,
      models: modelsOf(prices.filter(({ from, to }) => from <= now && now < to)),
      discounts: file.discounts.length,
      waiting: summariseWaiting(known, await reader.offers(), config.prices.confirmAbove),
      remarks: remarksOn(sources, now),
      tokens: used.reduce(
        (sum, { rows }) => sum + rows.reduce((all, row) => all + tokensOf(row), 0),
        0,
      ),
      unpriced: await unpricedTokens(reader, used),
    };
    const { out } = platform;
    if (options.json) out.write(`${JSON.stringify(summaryJson(summary), null, 2)}\n`);
    else out.write(summaryText(summary, out.isTerminal ? out.columns : Infinity));
    return 0;
  } finally {
    reader.close();
  }
}
