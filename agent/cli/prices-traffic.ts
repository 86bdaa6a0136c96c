import { suggestion } from '../config/nearest.ts';
import type { Cloud } from '../core/cloud.ts';
import type { Routing, Tier } from '../core/dimension.ts';
import type { RatingSubject } from '../core/rating.ts';
import { canonicalOf } from '../normalize/canonical-of.ts';
import { familyOf } from '../normalize/developers.ts';
import type { PriceBook } from '../pricing/book.ts';
import { addAmounts } from '../query/by-amount.ts';
import { subjectOf, tokensOf } from './price-usage.ts';
import type { IdentityUse } from './price-usage.ts';
import { WrongUseError } from './wrong-use.ts';

/** Whose price is asked for; what is left out is taken from the traffic there is. */
export interface AskedTraffic {
  readonly cloud?: Cloud;
  readonly region?: string;
  readonly routing?: Routing;
  readonly tier?: Tier;
  readonly account?: string;
}

export interface FoundTraffic {
  /** The most used first; at least one. */
  readonly subjects: readonly RatingSubject[];
  /** `ledger`: there was such traffic in the last 30 days. `asked`: what was said, and what the book names for the rest. */
  readonly from: 'ledger' | 'asked';
}

/**
 * The canonical model that a word means: itself, a cloud's own id of a model, or the last part of a name that only one model
 * has. Throws a WrongUseError that names the nearest ones.
 */
export function modelOf(
  word: string,
  known: ReadonlySet<string>,
  aliases: ReadonlyMap<string, string>,
): string {
  const wanted = word.trim().toLowerCase();
  if (known.has(wanted)) return wanted;
  const alias = [...aliases].find(([name]) => name.trim().toLowerCase() === wanted)?.[1];
  if (alias !== undefined) return alias.trim().toLowerCase();
  const tails = [...known].filter((name) => name.slice(name.indexOf('/') + 1) === wanted);
  if (tails.length === 1 && tails[0] !== undefined) return tails[0];
  for (const cloud of ['aws', 'azure'] as const) {
    const found = canonicalOf(cloud, word.trim());
    if (found !== undefined && known.has(found.model)) return found.model;
  }
  throw new WrongUseError(
    `no price and no traffic is known of ${JSON.stringify(word)}; ${nearestOf(wanted, [...known], tails)}`,
  );
}

const mostNames = 8;

function nearestOf(wanted: string, known: readonly string[], tails: readonly string[]): string {
  if (tails.length > 0) return `write one of ${tails.toSorted().join(', ')}`;
  const bare = wanted.slice(wanted.indexOf('/') + 1);
  const holding = known.filter((name) => name.includes(bare)).toSorted();
  if (bare.length >= 3 && holding.length > 0) {
    const more = holding.length > mostNames ? ` and ${holding.length - mostNames} more` : '';
    return `write one of ${holding.slice(0, mostNames).join(', ')}${more}`;
  }
  const names = new Map(known.map((name) => [name.slice(name.indexOf('/') + 1), name]));
  const near = suggestion(wanted, known, '');
  if (near.startsWith('did you mean')) return near;
  const tail = /^did you mean "(.+)"\?$/.exec(suggestion(bare, [...names.keys()], ''))?.[1];
  const name = tail === undefined ? undefined : names.get(tail);
  if (name !== undefined) return `did you mean "${name}"?`;
  return 'write a canonical name, for example openai/gpt-4.1-mini; `GET /api/v1/prices` lists them';
}

/** Every model that the book or the ledger names; a word for many models is none. */
export function knownModels(
  book: Pick<PriceBook, 'prices'>,
  used: readonly { readonly model: string }[],
): ReadonlySet<string> {
  const named = [...book.prices, ...used].map(({ model }) => model);
  return new Set(named.filter((name) => name !== '' && !name.endsWith('*')));
}

/** The traffic of a model that fits what was asked for, in the ledger; else as it was asked for. */
export function trafficOf(
  model: string,
  asked: AskedTraffic,
  used: readonly IdentityUse[],
  book: PriceBook,
): FoundTraffic {
  const sums = new Map<string, { subject: RatingSubject; tokens: number }>();
  for (const { identity, rows } of used) {
    const subject = subjectOf(identity);
    if (subject.model !== model) continue;
    const key = JSON.stringify(subject);
    const tokens = (sums.get(key)?.tokens ?? 0) + tokensOf(addAmounts(rows));
    sums.set(key, { subject, tokens });
  }
  const byUse = [...sums.values()].toSorted((a, b) => b.tokens - a.tokens);
  const subjects = byUse.map(({ subject }) => subject);
  const fitting = subjects.filter((subject) => fits(subject, asked));
  if (fitting.length > 0) return { subjects: fitting, from: 'ledger' };
  const near = subjects.find(({ cloud }) => (asked.cloud ?? cloud) === cloud);
  const supposed = near === undefined ? askedSubject(model, asked, book) : { ...near, ...asked };
  return { subjects: [supposed], from: 'asked' };
}

function fits(subject: RatingSubject, asked: AskedTraffic): boolean {
  return (
    (asked.cloud ?? subject.cloud) === subject.cloud &&
    (asked.region ?? subject.region) === subject.region &&
    (asked.routing ?? subject.routing) === subject.routing &&
    (asked.tier ?? subject.tier) === subject.tier &&
    (asked.account ?? subject.account) === subject.account
  );
}

/** What was left out is what the first of the book's prices says that fit the rest. */
function askedSubject(model: string, asked: AskedTraffic, book: PriceBook): RatingSubject {
  const prices = book
    .pricesOf(model)
    .filter(({ cloud }) => asked.cloud === undefined || cloud === '' || cloud === asked.cloud);
  const inPlace = prices.filter(
    ({ region, routing }) =>
      (asked.region === undefined || region === '' || region === asked.region) &&
      (asked.routing === undefined || routing === '' || routing === asked.routing),
  );
  const tier = asked.tier ?? 'standard';
  const first = inPlace.find((price) => price.tier === '' || price.tier === tier) ?? inPlace[0];
  return {
    cloud: asked.cloud ?? (first?.cloud || 'azure'),
    account: asked.account ?? '',
    region: asked.region ?? (first === undefined || first.region.endsWith('*') ? '' : first.region),
    model,
    modelVersion: '',
    routing: asked.routing ?? (first?.routing || 'unknown'),
    tier,
    family: familyOf(model),
  };
}
