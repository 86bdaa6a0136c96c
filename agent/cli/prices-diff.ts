import type { Cloud } from '../core/cloud.ts';
import type { MoneyEffect } from '../pricing/update.ts';
import { wrap } from './format.ts';
import type { Platform } from './platform.ts';
import { readPriceBook } from './price-book.ts';
import { countOf, effectOf, keptOffers, linesOf, propose } from './price-changes.ts';
import type { Proposals } from './price-changes.ts';
import { effectJson, proposalJson } from './price-changes-json.ts';
import { effectText, proposalText } from './price-changes-text.ts';
import { listOf } from './price-lists.ts';
import { recentUse } from './price-usage.ts';
import { interpretationOf, readConfig } from './settings.ts';

/** `crossbill prices diff`: what the lists last said and the book does not, without asking them. Beside a running agent. */
export async function pricesDiffVerb(
  platform: Platform,
  configPath: string,
  options: { readonly source?: Cloud; readonly json: boolean },
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  try {
    const { file } = await readPriceBook(platform, config, reader);
    const offers = await keptOffers(reader, options.source && listOf[options.source]);
    const rows = await reader.prices();
    const { confirmAbove } = config.prices;
    const proposals = propose(rows, offers, confirmAbove);
    const used = await recentUse(reader, now);
    const effects = effectOf(proposals, file, used, now);
    // What waits, beside what is taken anyway.
    const accepted = effectOf(
      propose(rows, offers, confirmAbove, () => true),
      file,
      used,
      now,
    );
    const { out } = platform;
    const width = out.isTerminal ? out.columns : Infinity;
    if (options.json) {
      const answer = {
        lists: proposals.lists.map(proposalJson),
        effect: effectJson(effects),
        effect_if_accepted: effectJson(accepted),
      };
      out.write(`${JSON.stringify(answer, null, 2)}\n`);
    } else if (offers.length === 0) {
      out.write('No list was fetched yet: `crossbill prices update` fetches them.\n');
    } else {
      out.write(proposalsText(proposals, effects, confirmAbove, width));
      const waits = proposals.lists.some(({ edit }) => edit.waiting.length > 0);
      if (waits) out.write(`\n${effectText(accepted, width, 'With all that waits')}`);
    }
    return 0;
  } finally {
    reader.close();
  }
}

/** Every list's changes, what they would change in money, and what to do about those that wait. */
export function proposalsText(
  proposals: Proposals,
  effects: readonly MoneyEffect[],
  confirmAbove: number,
  width: number,
): string {
  const { lists } = proposals;
  const parts = lists.map((one) => proposalText(one, confirmAbove, width));
  if (countOf(proposals) > 0) {
    const own = lists.some(({ edit }) => edit.waiting.length > 0)
      ? 'Without what waits'
      : 'With these changes';
    parts.push(effectText(effects, width, own));
  }
  const waiting = lists.flatMap(({ edit }) => linesOf(edit.waiting));
  const [first] = waiting;
  if (first !== undefined) {
    const some = waiting.length === 1 ? 'One line waits' : `${waiting.length} lines wait`;
    parts.push(
      `${wrap(
        `${some} for you: look at the vendor's price page, then \`crossbill prices accept ${first.shortId}\`, \`--model GLOB\` or \`--all\` takes it; else the book's price stays.`,
        width,
      )}\n`,
    );
  }
  return parts.join('\n');
}
