import type { Confidence } from '../core/dimension.ts';
import type { TracedRow } from '../core/usage.ts';
import type { BoundReason, UnpricedReason } from '../core/rating.ts';
import type { IdentityRow } from '../core/store.ts';
import type { Said } from './explanation.ts';

export const roundingRule =
  'A row of the ledger costs the sum, over its token types, of tokens times dollars for a million of them, divided by a million ' +
  'and rounded once to the nearest nano-dollar ($0.000000001), a half up. What is made of several rows adds their costs up.';

const confidences: Readonly<Record<Confidence, string>> = {
  alias: 'an alias of the configuration (models.aliases) says so',
  inventory: "the cloud's own inventory says so",
  parsed: "the vendor's name was taken apart",
  bundled: 'the names that come with this version know it',
  none: "nobody: it is the vendor's own word",
};

export function identifiedBy({ confidence, assumed }: IdentityRow): string {
  const earlier = assumed ? '; looked at later than this, and taken to have been the same' : '';
  return `${confidences[confidence]}${earlier}`;
}

/** What the contract of an input meter made of it. */
export function contractSaid({
  contract,
  kind,
  family,
  cachedTakenOut,
  violation,
}: TracedRow): Said {
  const word = contract ?? 'plain';
  if (violation) {
    return {
      word: 'contract_violation',
      explanation:
        'the parts are more than their total, or more tokens came from the cache than went in: nothing is cut off, ' +
        'the input stays unsplit',
    };
  }
  return { word, explanation: `${whose(contract, family)}: ${madeOf(kind, cachedTakenOut)}` };
}

function whose(contract: TracedRow['contract'], family: string): string {
  if (contract === 'input_includes_cached') {
    return 'the vendor documents that the input meter counts cached tokens too';
  }
  if (contract === 'input_excludes_cached') {
    return 'the vendor documents that the input meter leaves cached tokens out';
  }
  return family === 'openai'
    ? 'contracts.openai.input_includes_cached decides, for no cloud documents it for this family (openai)'
    : `it depends on the model family, which is ${family}`;
}

function madeOf(kind: TracedRow['kind'], cachedTakenOut: boolean): string {
  const made: Readonly<Record<TracedRow['kind'], string>> = {
    exclusive: 'the input meter holds no cached tokens and is taken as it is',
    inclusive: 'the input meter holds the cached tokens',
    unsplit: 'no meter tells what was read from a cache, so the input is not split',
  };
  return `${made[kind]}${cachedTakenOut ? ', and what the cache meters count is taken out of it' : ''}`;
}

const reasonWords: Readonly<Record<BoundReason, string>> = {
  unsplit_input:
    'no meter splits the input: low is all of it read from a cache, high all of it written to one if that is dearer',
  long_context:
    'a request above the threshold costs more as a whole, and nothing shows that none was: high takes all as such, best none',
  cache_ttl:
    'cache writes cost by how long they are kept, which no meter tells: best is the shortest',
  tier_unknown:
    'no meter tells the tier that served: best is standard, the range all tiers that have a price',
  tier_price_unknown:
    'the tier has no price of its own: the standard one stands in, within what such tiers cost',
  routing_unknown: 'where requests may be served is not known: the range is all that they may be',
  routing_price_unknown:
    'the routing has no price of its own: that of another one stands in, within what such routings cost',
};

export function reasonSaid(word: BoundReason): Said {
  return { word, explanation: reasonWords[word] };
}

const unpricedWords: Readonly<Record<UnpricedReason, string>> = {
  unknown_model: 'no price: the price book names the model nowhere',
  no_price: 'no price: the price book has the model for other traffic or other times only',
  no_item_price: 'no price for some token types: the price book has others of the same traffic',
  before_first_price: 'no price yet at that time: the first one in the price book is later',
};

export function unpricedSaid(reason: UnpricedReason): string {
  return unpricedWords[reason];
}

export const provisionedNote =
  'Provisioned capacity is paid by the hour, used or not: its tokens cost nothing by themselves, and where its hours have no ' +
  'price they count as unpriced. Their share of the capacity is in the costs of usage, not here; /api/v1/capacity has its ' +
  'units, hours and list price.';
export const notRatedNote =
  'Not rated yet: the agent rates what it reads, and all before it when it starts.';
export const otherSettingsNote =
  'The ledger holds other figures than its readings, contract and prices give now: the agent was started with other ' +
  'settings, or has not yet put them right. It does when it starts.';
export const agedNote =
  'The minutes this hour was rated by are given up (retention.minute): their costs, rounded and weighed one by one, stay, ' +
  'and the hour as a whole gives a sum beside them.';
export const readAsHourNote = 'Rated as one hour, for its minutes are not in the ledger.';
