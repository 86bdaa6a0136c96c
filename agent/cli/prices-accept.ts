import { suggestion } from '../config/nearest.ts';
import type { PriceChange } from '../pricing/diff.ts';
import { matchesAny } from '../query/dimensions.ts';
import { formatCount, plainText } from './format.ts';
import type { Platform } from './platform.ts';
import { openPriceBook } from './price-book.ts';
import { countOf, linesOf, priceOf, propose, shortIdOf, take } from './price-changes.ts';
import { changeJson, ratedJson } from './price-changes-json.ts';
import { ratedText } from './price-changes-text.ts';
import { interpretationOf, readConfig } from './settings.ts';
import { WrongUseError } from './wrong-use.ts';

export interface AcceptOptions {
  readonly ids: readonly string[];
  /** A trailing `*` for any rest. */
  readonly model?: string;
  readonly all: boolean;
  readonly json: boolean;
}

/**
 * `crossbill prices accept`: takes changes of the lists that wait for a person, rates anew and tells the difference. Needs
 * the ledger for itself. Throws a WrongUseError where it is not said which, or none is of that name.
 */
export async function pricesAcceptVerb(
  platform: Platform,
  configPath: string,
  options: AcceptOptions,
): Promise<number> {
  checkOnce(options);
  const { config } = readConfig(platform, configPath);
  const now = platform.createClock().now();
  const ledger = await platform.openLedger(config.ledger.path, interpretationOf(config), now);
  try {
    const { file, calibrations } = await openPriceBook(platform, config, ledger, now);
    const rows = await ledger.prices();
    const offers = await ledger.offers();
    const { confirmAbove } = config.prices;
    const { lists } = propose(rows, offers, confirmAbove);
    const changes = lists.flatMap(({ diff }) => diff.changes);
    const { out } = platform;
    if (changes.length === 0 && !options.json) {
      out.write('Nothing waits: the book says what the lists said when they were last fetched.\n');
      return 0;
    }
    const chosen = chosenOf(changes, options);
    const proposals = propose(rows, offers, confirmAbove, (change) => chosen.has(change.id));
    const rated = take(ledger, proposals, file, calibrations, now);
    if (options.json) {
      const taken = proposals.lists.flatMap((one) => one.taken);
      const answer = {
        taken: taken.map((change) => changeJson(change, false)),
        rated: ratedJson(rated),
      };
      out.write(`${JSON.stringify(answer, null, 2)}\n`);
      return 0;
    }
    const count = countOf(proposals);
    const width = out.isTerminal ? out.columns : Infinity;
    out.write(`Taken: ${formatCount(count)} ${count === 1 ? 'price' : 'prices'}. `);
    out.write(ratedText(rated, width));
    return 0;
  } finally {
    ledger.close();
  }
}

function checkOnce({ ids, model, all }: AcceptOptions): void {
  const ways = [ids.length > 0, model !== undefined, all].filter(Boolean).length;
  if (ways === 1) return;
  throw new WrongUseError(
    'prices accept: say which changes, in one way: ids as `crossbill prices diff` shows them, --model GLOB, or --all',
  );
}

/** Ids of the changes that are meant. */
function chosenOf(
  changes: readonly PriceChange[],
  { ids, model, all }: AcceptOptions,
): ReadonlySet<string> {
  if (all) return new Set(changes.map(({ id }) => id));
  if (model !== undefined) {
    const chosen = changes.filter((change) => matchesAny(priceOf(change).model, [model]));
    if (chosen.length > 0) return new Set(chosen.map(({ id }) => id));
    const models = [...new Set(changes.map((change) => priceOf(change).model))];
    throw new WrongUseError(
      `--model: nothing of ${JSON.stringify(model)} waits; ${suggestion(model, models, 'models with changes')}`,
    );
  }
  const lines = linesOf(changes);
  const chosen = ids.flatMap((id) => {
    const line = lines.find(({ shortId }) => shortId === id.toLowerCase());
    const named =
      line?.changes ?? changes.filter((one) => shortIdOf([one.id]) === id.toLowerCase());
    if (named.length > 0) return named;
    throw new WrongUseError(
      `no change is called ${plainText(JSON.stringify(id))}: it is taken already, or its list says something else since; \`crossbill prices diff\` shows what there is`,
    );
  });
  return new Set(chosen.map(({ id }) => id));
}
