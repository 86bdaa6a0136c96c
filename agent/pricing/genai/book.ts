import type { MatchLogic, Provider } from '@pydantic/genai-prices';
import type { Cloud } from '../../core/cloud.ts';
import type { Routing } from '../../core/dimension.ts';
import type { CacheTtl, Price } from '../../core/price.ts';
import type { Instant } from '../../core/time.ts';
import { mixedNames, notTheCloudsPrice } from './left-out.ts';
import type { NotTheCloudsPrice } from './left-out.ts';
import { termsOf } from './terms.ts';
import type { Term, TermsFault } from './terms.ts';

/** Which model a cloud's word for it means; undefined where it names none. */
export type CanonicalOf = (
  cloud: Cloud,
  id: string,
) => { readonly model: string; readonly modelVersion: string } | undefined;

export type LeftOutReason =
  | TermsFault
  | NotTheCloudsPrice['reason']
  /** No model of ours has that name. */
  | 'unknown_model'
  /** Another entry prices the same model: one nearer to the cloud, earlier in the list, or of another version at one price. */
  | 'given_already';

/** An entry of the package that prices nothing, and why. */
export interface LeftOut {
  readonly cloud: Cloud;
  /** `openai:gpt-4o-realtime-preview` */
  readonly reference: string;
  readonly reason: LeftOutReason;
}

export interface DefaultBook {
  readonly prices: readonly Price[];
  readonly leftOut: readonly LeftOut[];
}

export interface Edition {
  readonly version: string;
  readonly at: Instant;
}

/** One entry, as far as it prices one model and version under one routing. */
interface Offer {
  readonly model: string;
  readonly modelVersion: string;
  readonly routing: Routing | '';
  readonly reference: string;
  readonly terms: readonly Term[];
}

/** A cloud's prices, from the providers that may price it, nearest first. Pure; the same entries give the same rows. */
export function bookOf(
  cloud: Cloud,
  providers: readonly Provider[],
  canonicalOf: CanonicalOf,
  edition: Edition,
): DefaultBook {
  const offers = new Map<string, Offer>();
  const leftOut: LeftOut[] = [];
  /** Who speaks for a model, all its versions included: the nearest provider that knows it. */
  const owners = new Map<string, string>();
  for (const provider of providers) {
    for (const { id, match, prices } of provider.models) {
      const reference = `${provider.id}:${id}`;
      const leave = (reason: LeftOutReason) => leftOut.push({ cloud, reference, reason });
      const known = notTheCloudsPrice.find(
        (row) => row.provider === provider.id && row.ids.test(id),
      );
      const terms =
        known?.reason ??
        (mixedNames.test(id) ? 'mixed_modalities' : termsOf({ prices }, ttlOf(id)));
      if (typeof terms === 'string') {
        leave(terms);
        continue;
      }
      const { names, routings } = cloud === 'aws' ? bedrockReach(id, match) : azureReach(id, match);
      const models = names.flatMap((name) => canonicalOf(cloud, name) ?? []);
      if (models.length === 0) leave('unknown_model');
      for (const { model, modelVersion } of models) {
        const owner = owners.get(model) ?? provider.id;
        owners.set(model, owner);
        if (owner !== provider.id) continue;
        for (const routing of routings) {
          const key = JSON.stringify([model, routing, modelVersion]);
          if (offers.has(key)) continue;
          offers.set(key, { model, modelVersion, routing, reference, terms });
        }
      }
    }
  }
  const rows = fewest([...offers.values()]);
  const told = new Set([...rows, ...leftOut].map(({ reference }) => reference));
  for (const { id: providerId, models } of providers) {
    for (const { id } of models) {
      const reference = `${providerId}:${id}`;
      if (!told.has(reference)) leftOut.push({ cloud, reference, reason: 'given_already' });
    }
  }
  return { prices: rows.flatMap((offer) => pricesOf(cloud, offer, edition)), leftOut };
}

/**
 * Bedrock's entries are one a routing: `global.`, and `regional.` for both the region's own capacity and a geography's. Of
 * the others an exact one is the bare id alone, and one that looks for a part of the id holds wherever that stands.
 */
function bedrockReach(id: string, match: MatchLogic): Reach {
  if (id.startsWith('regional.')) {
    return { names: [id.slice('regional.'.length)], routings: ['in_region', 'geo'] };
  }
  if (id.startsWith('global.')) return { names: [id], routings: ['global'] };
  return { names: [id], routings: 'equals' in match ? ['in_region'] : [''] };
}

/** The list is Azure's of Global deployments; other reaches cost more, and it does not say how much. */
function azureReach(id: string, match: MatchLogic): Reach {
  const names = [...new Set([id, ...exactNames(match)])];
  // `gpt-5-4` beside `gpt-5.4` is another spelling, not another model.
  const respelt = new Set(
    names.filter((name) => name.includes('.')).map((name) => name.replaceAll('.', '-')),
  );
  return { names: names.filter((name) => !respelt.has(name)), routings: ['global'] };
}

interface Reach {
  readonly names: readonly string[];
  readonly routings: readonly (Routing | '')[];
}

function exactNames(match: MatchLogic): readonly string[] {
  if ('equals' in match) return [match.equals];
  if ('or' in match) return match.or.flatMap(exactNames);
  return [];
}

/** How long a plain cache write lasts where the price of one depends on it: Claude's can be five minutes or an hour. */
function ttlOf(id: string): CacheTtl {
  return /(?:^|\.)claude-/.test(id) ? '5m' : '';
}

/**
 * A version needs rows of its own only where another version costs something else. Where all that are listed cost the same, one
 * row without version stands for them and for those to come.
 */
function fewest(offers: readonly Offer[]): readonly Offer[] {
  const groups = new Map<string, Offer[]>();
  for (const offer of offers) {
    const key = JSON.stringify([offer.model, offer.routing]);
    groups.set(key, [...(groups.get(key) ?? []), offer]);
  }
  return [...groups.values()].flatMap((versions) => {
    const [newest] = versions.toSorted((a, b) => (a.modelVersion < b.modelVersion ? 1 : -1));
    const plain = versions.find(({ modelVersion }) => modelVersion === '');
    const standard = plain ?? newest;
    const others = versions.filter(({ terms }) => !sameTerms(terms, standard?.terms ?? []));
    if (standard === undefined) return [];
    if (others.length === 0) return [{ ...standard, modelVersion: '' }];
    return plain === undefined ? versions : [plain, ...others];
  });
}

function sameTerms(a: readonly Term[], b: readonly Term[]): boolean {
  return wordsOf(a) === wordsOf(b);
}

function wordsOf(terms: readonly Term[]): string {
  return terms.map((term) => Object.values(term).join()).join();
}

function pricesOf(cloud: Cloud, offer: Offer, edition: Edition): readonly Price[] {
  const { terms, ...scope } = offer;
  return terms.map((term) => ({
    cloud,
    account: '',
    region: '',
    tier: 'standard',
    ...scope,
    ...term,
    source: 'genai_prices',
    sourceVersion: edition.version,
    fetchedAt: edition.at,
  }));
}
