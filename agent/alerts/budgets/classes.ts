import { parseDimension, filtersOf, matchesAny, valueReader } from '../../query/dimensions.ts';
import type { Match, TeamRule } from '../../query/dimensions.ts';
import type { Dimension } from '../../core/dimension.ts';
import type { IdentityRow } from '../../core/store.ts';
import type { Budget } from './budget.ts';

/** Identities that no budget tells apart, so that they are added up once for all budgets. */
export interface Classes {
  readonly identities: readonly IdentityRow[];
  readonly count: number;
  /** The class of each identity, by its place. */
  readonly classOf: Int32Array;
  /** Places of the identities of each class. */
  readonly members: readonly (readonly number[])[];
  /** The place of each identity, by its id. */
  readonly places: ReadonlyMap<number, number>;
  /** Ids of all identities, of those that meters read, and of these by class: the same lists as long as the classes are the same. */
  readonly ids: readonly number[];
  readonly meteredIds: readonly number[];
  readonly sets: readonly (readonly number[])[];
  /** Changes when the classes do. */
  readonly fingerprint: string;
  /** The dimension's value in a class; only of dimensions that budgets name. */
  value(one: number, dimension: Dimension): string;
  /** The classes that a match lets through: one list for equal matches. */
  matching(match: Match): readonly number[];
  /** The same by value of a dimension, in the order of values: the same lists for equal matches, too. */
  byValue(match: Match, dimension: Dimension): readonly ValueClasses[];
}

interface ValueClasses {
  readonly value: string;
  readonly classes: readonly number[];
}

/** What a bill tells of a line, and so what parts a line among its users. */
const billedDimensions: readonly Dimension[] = [
  'cloud',
  'provider',
  'account',
  'region',
  'resource',
  'model',
];

/** Classes that one condition lets through. */
interface Holding {
  readonly holds: Uint8Array;
  readonly all: readonly number[];
}

interface Classified {
  readonly budgets: readonly Budget[];
  readonly teams: readonly TeamRule[];
  readonly classes: Classes;
}

/** Of the same list of identities, which is never changed, and forgotten with it. */
const lastClassified = new WeakMap<readonly IdentityRow[], Classified>();

export function classify(
  identities: readonly IdentityRow[],
  budgets: readonly Budget[],
  teams: readonly TeamRule[],
): Classes {
  const last = lastClassified.get(identities);
  if (last?.budgets === budgets && last.teams === teams) return last.classes;
  const classes = makeClasses(identities, budgets, teams);
  lastClassified.set(identities, { budgets, teams, classes });
  return classes;
}

function makeClasses(
  identities: readonly IdentityRow[],
  budgets: readonly Budget[],
  teams: readonly TeamRule[],
): Classes {
  const dimensions = dimensionsOf(budgets);
  const valueOf = valueReader(teams);
  const values: (readonly string[])[] = [];
  const members: number[][] = [];
  const classOf = new Int32Array(identities.length);
  const numbers = new Map<string, number>();
  for (const [place, identity] of identities.entries()) {
    const found = dimensions.map((dimension) => valueOf(identity, dimension));
    const key = JSON.stringify(found);
    const one = numbers.get(key) ?? members.length;
    if (one === members.length) {
      numbers.set(key, one);
      values.push(found);
      members.push([]);
    }
    members[one]?.push(place);
    classOf[place] = one;
  }
  const column = new Map(dimensions.map((dimension, index) => [dimension, index]));
  const value = (one: number, dimension: Dimension) =>
    values[one]?.[column.get(dimension) ?? -1] ?? '';

  const answers = new Map<string, Holding>();
  /** Which classes have one of the patterns: asked once for all budgets with the same condition. */
  function holding(dimension: Dimension, patterns: readonly string[]): Holding {
    const key = JSON.stringify([dimension, patterns]);
    const answered = answers.get(key);
    if (answered !== undefined) return answered;
    const holds = new Uint8Array(members.length);
    for (const [text, having] of valuesOf(dimension)) {
      if (matchesAny(text, patterns)) for (const one of having) holds[one] = 1;
    }
    const all: number[] = [];
    for (let one = 0; one < holds.length; one += 1) if (holds[one] === 1) all.push(one);
    const found = { holds, all };
    answers.set(key, found);
    return found;
  }

  const valuesBy = new Map<Dimension, ReadonlyMap<string, readonly number[]>>();
  /** The values of a dimension, and the classes that have each. */
  function valuesOf(dimension: Dimension): ReadonlyMap<string, readonly number[]> {
    const known = valuesBy.get(dimension);
    if (known !== undefined) return known;
    const found = new Map<string, number[]>();
    for (let one = 0; one < members.length; one += 1) {
      const text = value(one, dimension);
      const having = found.get(text);
      if (having === undefined) found.set(text, [one]);
      else having.push(one);
    }
    valuesBy.set(dimension, found);
    return found;
  }

  const matched = new Map<string, readonly number[]>();
  function matching(match: Match): readonly number[] {
    const key = JSON.stringify(match);
    const known = matched.get(key);
    if (known !== undefined) return known;
    const conditions = [...filtersOf(match)].map(([dimension, patterns]) =>
      holding(dimension, patterns),
    );
    const [narrowest, ...others] = conditions.toSorted((a, b) => a.all.length - b.all.length);
    const found = (narrowest?.all ?? members.map((_, one) => one)).filter((one) =>
      others.every(({ holds }) => holds[one] === 1),
    );
    matched.set(key, found);
    return found;
  }

  const parted = new Map<string, readonly ValueClasses[]>();
  function byValue(match: Match, dimension: Dimension): readonly ValueClasses[] {
    const key = JSON.stringify([match, dimension]);
    const known = parted.get(key);
    if (known !== undefined) return known;
    const found = new Map<string, number[]>();
    for (const one of matching(match)) {
      const text = value(one, dimension);
      const having = found.get(text);
      if (having === undefined) found.set(text, [one]);
      else having.push(one);
    }
    const made = [...found]
      .map(([text, having]) => ({ value: text, classes: having }))
      .toSorted((a, b) => (a.value < b.value ? -1 : 1));
    parted.set(key, made);
    return made;
  }

  const ids = identities.map(({ id }) => id);
  return {
    identities,
    count: members.length,
    classOf,
    members,
    places: new Map(ids.map((id, place) => [id, place])),
    ids,
    meteredIds: ids.filter(isMetered),
    sets: members.map((own) => own.flatMap((place) => ids[place] ?? []).filter(isMetered)),
    fingerprint: `${identities.length} ${[...numbers.keys()].join()}`,
    value,
    matching,
    byValue,
  };
}

function isMetered(id: number): boolean {
  return id >= 0;
}

function dimensionsOf(budgets: readonly Budget[]): readonly Dimension[] {
  const named = budgets.flatMap(({ match, forEach }) => [
    ...Object.keys(match).flatMap((word) => parseDimension(word) ?? []),
    ...(forEach === undefined ? [] : [forEach]),
  ]);
  const byBill = budgets.some(({ basis }) => basis !== 'estimated') ? billedDimensions : [];
  return [...new Set([...named, ...byBill])];
}
