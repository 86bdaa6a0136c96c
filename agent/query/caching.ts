import { isoUtc } from '../core/time.ts';
import type { IdentityRow } from '../core/store.ts';
import { cacheReach, noMore } from './cache-reach.ts';
import type { CacheReach, PlaceInput } from './cache-reach.ts';
import { cacheSums } from './cache-sums.ts';
import type { CacheSums } from './cache-sums.ts';
import type { ChangeReaders } from './changes.ts';
import { seriesOf } from './change-lines.ts';
import { createChargeRates } from './charge-rates.ts';
import { bearersOf } from './capacity-costs.ts';
import { rememberedCards } from './charge-rows.ts';
import { usdOf } from './costs.ts';
import { learn, readCoverage } from './coverage.ts';
import type { Knowledge } from './coverage.ts';
import { select } from './groups.ts';
import type { Group, Selection } from './groups.ts';
import { allOf } from './living.ts';
import { bucketAt, bucketStart } from './plan.ts';
import { summedInput } from './summed-rows.ts';
import type { EachInput } from './summed-rows.ts';
import { checkRows, mostRows } from './too-many-rows.ts';

/** Under what `could_save_usd` holds: no forecast, and no less than what there is to gain. */
export const cachingAssumption =
  "an upper bound: as if in every place as large a share of a model's input were read from a cache as in the place that reads " +
  "the largest share of the same model's input in the range (places with at least 1 % of it), and writing it there cost nothing";

/** The figures of a row. Null: not looked at, or no contributor tells it. */
interface CachingFigures {
  readonly input_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly unsplit_input_tokens: number | null;
  /** Of all input, 0 to 1; a floor where a meter does not tell cached input apart. */
  readonly cache_read_share: number | null;
  /** Tokens read from a cache, at what input costs less what reading them cost. */
  readonly saved_usd: number | null;
  /** Tokens written to a cache, at what writing them cost more than input costs. */
  readonly write_premium_usd: number | null;
  readonly net_saved_usd: number | null;
  readonly could_save_usd: number | null;
  /** The share behind `could_save_usd`; null where the row is of several models, or of none that tells. */
  readonly best_cache_read_share: number | null;
  /** Input tokens in none of the sums of money: one of the prices is missing, or the capacity was paid by the hour. */
  readonly uncounted_tokens: number | null;
  readonly assumption: string;
  readonly settled: number | null;
}

/** A column of `groupBy` each between the time and the figures. */
export type CachingRow = { readonly time: string } & CachingFigures &
  Readonly<Record<string, string | number | null>>;

/**
 * What caching saved and what it could, by bucket and group as usage has them, at the prices of the time of use. What models
 * reach is taken from everything the asker may see, filtered or not. Throws a TooManyRowsError before amounts are read.
 */
export async function queryCaching(
  { usage, cards, explainCost }: ChangeReaders,
  query: Selection,
): Promise<readonly CachingRow[]> {
  const [everybody, readUntil] = await Promise.all([usage.identities(), usage.readUntil()]);
  const identities = bearersOf(everybody, []).all;
  const selected = select(identities, query, readUntil);
  const { plan, groups, groupOf } = selected;
  checkRows(plan, groups.length, query.maxRows ?? mostRows);
  const seen = select(identities, { ...query, groupBy: [], filters: new Map() }).groups;
  const all = ofSameModels(groups, seen);
  const knowledge = learn(selected, await readCoverage(usage, plan));
  const eachInput = await summedInput(usage, all, plan, rememberedCards(cards));
  const reach = reachOf(all, eachInput);
  const ratesOf = createChargeRates(explainCost);
  const sums: (CacheSums | undefined)[] = Array.from({ length: groups.length * plan.buckets });
  // Rows of one identity come one after the other.
  let last: IdentityRow | undefined;
  let lastGroup: number | undefined;
  let more = noMore;
  eachInput((row, of, card) => {
    if (of !== last) {
      last = of;
      lastGroup = groupOf.get(of.id);
      more = reach.moreOf(seriesOf(of));
    }
    if (lastGroup === undefined) return;
    const index = lastGroup * plan.buckets + bucketAt(plan, row.bucket);
    const own = (sums[index] ??= cacheSums());
    own.add(row, card === undefined || !card.perToken ? undefined : ratesOf(card), more);
  });
  return Array.from({ length: plan.buckets }, (_, bucket) =>
    groups.map(({ columns, ...group }, place) => ({
      time: isoUtc(bucketStart(plan, bucket)),
      ...columns,
      ...figuresOf(
        sums[place * plan.buckets + bucket] ?? cacheSums(),
        { knowledge, place, bucket },
        bestIn(group.identities, reach),
      ),
    })),
  ).flat();
}

interface Asked {
  readonly seen: readonly Group[];
  readonly all: readonly IdentityRow[];
}

/** Forgotten with the groups. */
const askedOf = new WeakMap<readonly Group[], Asked>();

/** Of what is seen, those whose model any of the groups has: the same list for the same groups. */
function ofSameModels(groups: readonly Group[], seen: readonly Group[]): readonly IdentityRow[] {
  const known = askedOf.get(groups);
  if (known?.seen === seen) return known.all;
  const models = new Set(allOf(groups).map(({ model }) => model));
  const everybody = allOf(seen);
  const own = everybody.filter(({ model }) => models.has(model));
  const all = own.length === everybody.length ? everybody : own;
  askedOf.set(groups, { seen, all });
  return all;
}

/** Forgotten with what tells of the input. */
const knownReach = new WeakMap<EachInput, CacheReach>();

function reachOf(all: readonly IdentityRow[], eachInput: EachInput): CacheReach {
  const reach = knownReach.get(eachInput) ?? cacheReach(placesOf(all, eachInput));
  knownReach.set(eachInput, reach);
  return reach;
}

const inputNames = ['input', 'cacheRead', 'cacheWrite', 'unsplitInput'] as const;

/** Which place each of a list is in, counted from 0. */
interface Placed {
  readonly placeOf: ReadonlyMap<IdentityRow, number>;
  readonly places: readonly Pick<PlaceInput, 'model' | 'place'>[];
}

/** Forgotten with the lists. */
const placedOf = new WeakMap<readonly IdentityRow[], Placed>();

function placed(all: readonly IdentityRow[]): Placed {
  const known = placedOf.get(all);
  if (known !== undefined) return known;
  const numbers = new Map<string, number>();
  const places: Pick<PlaceInput, 'model' | 'place'>[] = [];
  const placeOf = new Map<IdentityRow, number>();
  for (const one of all) {
    const place = seriesOf(one);
    const number = numbers.get(place) ?? places.length;
    if (number === places.length) places.push({ model: one.model, place });
    numbers.set(place, number);
    placeOf.set(one, number);
  }
  const made = { placeOf, places };
  placedOf.set(all, made);
  return made;
}

/** Token counts of the places; numbers beyond what a double holds exactly are added up anew. */
function placesOf(all: readonly IdentityRow[], eachInput: EachInput): readonly PlaceInput[] {
  const { placeOf, places } = placed(all);
  const width = inputNames.length;
  const sums = new Float64Array(places.length * width);
  eachInput(({ input, cacheRead, cacheWrite, unsplitInput }, of) => {
    const at = (placeOf.get(of) ?? 0) * width;
    sums[at] = (sums[at] ?? 0) + (input ?? 0);
    sums[at + 1] = (sums[at + 1] ?? 0) + (cacheRead ?? 0);
    sums[at + 2] = (sums[at + 2] ?? 0) + (cacheWrite ?? 0);
    sums[at + 3] = (sums[at + 3] ?? 0) + (unsplitInput ?? 0);
  });
  const exact = (place: number, column: number) => {
    const added = sums[place * width + column] ?? 0;
    if (added <= Number.MAX_SAFE_INTEGER) return BigInt(added);
    let total = 0n;
    const name = inputNames[column] ?? 'input';
    eachInput((row, of) => {
      if (placeOf.get(of) === place) total += BigInt(row[name] ?? 0);
    });
    return total;
  };
  return places.map(({ model, place: name }, place) => ({
    model,
    place: name,
    input: exact(place, 0),
    cacheRead: exact(place, 1),
    cacheWrite: exact(place, 2),
    unsplit: exact(place, 3),
  }));
}

function bestIn(identities: Group['identities'], reach: CacheReach): number | null {
  const model = oneModel.get(identities) ?? oneModelOf(identities);
  oneModel.set(identities, model);
  const best = model === '' ? undefined : reach.bestOf(model);
  return best === undefined ? null : Number(best.part) / Number(best.whole);
}

/** Of a group's identities; empty: there are several, or none. */
const oneModel = new WeakMap<Group['identities'], string>();

function oneModelOf(identities: Group['identities']): string {
  const model = identities[0]?.model ?? '';
  return identities.every((one) => one.model === model) ? model : '';
}

interface Spot {
  readonly knowledge: Knowledge;
  readonly place: number;
  readonly bucket: number;
}

/** Looked at and silent is 0, not looked at is null. */
function figuresOf(
  sums: CacheSums,
  { knowledge, place, bucket }: Spot,
  best: number | null,
): CachingFigures {
  const told = (name: 'input' | 'cacheRead' | 'cacheWrite' | 'unsplitInput') =>
    sums.tokens[name] ?? (knowledge.tells(place, bucket, name) ? 0 : null);
  const [input, cacheRead] = [told('input'), told('cacheRead')];
  const [cacheWrite, unsplit] = [told('cacheWrite'), told('unsplitInput')];
  const all = [input, cacheRead, cacheWrite, unsplit].filter((count) => count !== null);
  const whole = all.reduce((sum, count) => sum + count, 0);
  const isKnown = all.length > 0;
  const isLooked = isKnown || knowledge.looked(place, bucket);
  const { saved, premium, couldSave } = sums.money();
  const isPriced = sums.hasPrices || whole === 0;
  const money = (usd: bigint, tokens: number | null) =>
    tokens === null || !isPriced ? null : usdOf(usd);
  return {
    input_tokens: input,
    cache_read_tokens: cacheRead,
    cache_write_tokens: cacheWrite,
    unsplit_input_tokens: unsplit,
    cache_read_share: cacheRead === null || whole === 0 ? null : cacheRead / whole,
    saved_usd: money(saved, cacheRead),
    write_premium_usd: money(premium, cacheWrite),
    net_saved_usd: money(saved - premium, cacheRead),
    could_save_usd: money(couldSave, input),
    best_cache_read_share: best,
    uncounted_tokens: isKnown ? sums.uncountedTokens : null,
    assumption: cachingAssumption,
    settled: isLooked ? knowledge.settled(place, bucket) : null,
  };
}
