import type { Cloud } from '../core/cloud.ts';
import { toExternalError } from '../core/errors.ts';
import type { PriceListing } from '../core/price-list.ts';
import type { Clock } from '../core/time.ts';
import { failureText } from './backfill-plan.ts';
import { formatCount } from './format.ts';
import type { Platform } from './platform.ts';
import { openPriceBook } from './price-book.ts';
import { countOf, effectOf, propose, raterWith, take } from './price-changes.ts';
import type { Proposals } from './price-changes.ts';
import { effectJson, proposalJson, ratedJson } from './price-changes-json.ts';
import { ratedText } from './price-changes-text.ts';
import { canonicalNames, wantedLists } from './price-lists.ts';
import type { WantedList } from './price-lists.ts';
import { recentUse } from './price-usage.ts';
import { sourceName } from './price-words.ts';
import { proposalsText } from './prices-diff.ts';
import { interpretationOf, readConfig } from './settings.ts';

export interface UpdateOptions {
  readonly source?: Cloud;
  readonly yes: boolean;
  readonly json: boolean;
}

/**
 * `crossbill prices update`: fetches the clouds' lists, shows what they change in prices and in money, and takes what waits
 * for nobody once somebody says yes. Needs the ledger for itself.
 */
export async function pricesUpdateVerb(
  platform: Platform,
  configPath: string,
  options: UpdateOptions,
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const clock = platform.createClock();
  const interpretation = interpretationOf(config);
  const ledger = await platform.openLedger(config.ledger.path, interpretation, clock.now());
  try {
    const { file, calibrations } = await openPriceBook(platform, config, ledger, clock.now());
    const { lists, problems } = wantedLists(config, await ledger.targets(), options.source);
    for (const problem of problems) platform.err.write(`${problem}\n`);
    const { listings, failures } = await fetchAll(platform, lists, clock);
    for (const failure of failures) platform.err.write(`${failure}\n`);
    if (platform.signal.aborted) {
      platform.err.write('stopped; the price book is as it was\n');
      return 1;
    }
    const status = problems.length + failures.length > 0 ? 1 : 0;
    if (listings.length === 0) return 1;
    const proposals = propose(await ledger.prices(), listings, config.prices.confirmAbove);
    raterWith(proposals.after, file, calibrations);
    for (const listing of listings) ledger.keepOffer(listing);
    const effects = effectOf(proposals, file, await recentUse(ledger, clock.now()), clock.now());
    if (!options.json) {
      platform.out.write(
        proposalsText(proposals, effects, config.prices.confirmAbove, widthOf(platform)),
      );
    }
    const agreed = await isAgreed(platform, proposals, options);
    const rated = agreed ? take(ledger, proposals, file, calibrations, clock.now()) : [];
    if (options.json) {
      const answer = {
        taken: agreed,
        lists: proposals.lists.map(proposalJson),
        effect: effectJson(effects),
        rated: ratedJson(rated),
      };
      platform.out.write(`${JSON.stringify(answer, null, 2)}\n`);
    } else if (agreed) platform.out.write(takenText(proposals, rated, platform));
    if (!agreed) return 1;
    return status;
  } finally {
    ledger.close();
  }
}

function widthOf({ out }: Platform): number {
  return out.isTerminal ? out.columns : Infinity;
}

function takenText(
  proposals: Proposals,
  rated: Parameters<typeof ratedText>[0],
  platform: Platform,
): string {
  const count = countOf(proposals);
  if (count === 0) return '';
  const changes = `${formatCount(count)} ${count === 1 ? 'change' : 'changes'}`;
  return `\nTaken: ${changes}. ${ratedText(rated, widthOf(platform))}`;
}

/** Where nothing is to be taken there is nothing to ask. */
async function isAgreed(
  platform: Platform,
  proposals: Proposals,
  { yes }: UpdateOptions,
): Promise<boolean> {
  const count = countOf(proposals);
  if (count === 0 || yes) return true;
  const changes = `${formatCount(count)} ${count === 1 ? 'change' : 'changes'}`;
  const { ask } = platform;
  if (ask === undefined) {
    platform.err.write(
      `nothing was taken: nobody is here to ask. \`crossbill prices update --yes\` takes the ${changes}; \`crossbill prices diff\` shows them again\n`,
    );
    return false;
  }
  const answer = await ask(`\nTake the ${changes}? [y/N] `);
  if (/^\s*y(?:es)?\s*$/i.test(answer)) return true;
  platform.err.write('nothing was taken; `crossbill prices diff` shows the changes again\n');
  return false;
}

/** A list that fails hides nothing of the other. */
async function fetchAll(
  platform: Pick<Platform, 'createPriceList' | 'err' | 'signal'>,
  lists: readonly WantedList[],
  clock: Clock,
): Promise<{ readonly listings: readonly PriceListing[]; readonly failures: readonly string[] }> {
  const listings: PriceListing[] = [];
  const failures: string[] = [];
  for (const { name, cloud: _cloud, ...setting } of lists) {
    const { regions } = setting;
    if (platform.err.isTerminal) {
      const places = regions.length === 1 ? '1 region' : `${regions.length} regions`;
      platform.err.write(`fetching the ${sourceName(name)} of ${places} …\n`);
    }
    try {
      const canonicalOf = canonicalNames[name];
      const list = await platform.createPriceList(name, setting, { clock, canonicalOf });
      listings.push(await list.fetch(platform.signal));
    } catch (thrown) {
      if (platform.signal.aborted) break;
      failures.push(failureText(sourceName(name), toExternalError(thrown, 'prices')));
    }
  }
  return { listings, failures };
}
