/** Input of one model in one place over the whole range, in whole tokens. */
export interface PlaceInput {
  readonly model: string;
  readonly place: string;
  /** Uncached, as meters tell. */
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite: bigint;
  /** Nobody knows how much of it was cached. */
  readonly unsplit: bigint;
}

/** A share as a fraction; `whole` is not zero. */
export interface Share {
  readonly part: bigint;
  readonly whole: bigint;
}

export interface CacheReach {
  /** The largest share of its input that a model reads from a cache in any place; undefined where it has none to tell. */
  bestOf(model: string): Share | undefined;
  /** Which share of a place's uncached input would be read from a cache, were as much of its input as in the best place. */
  moreOf(place: string): Share;
}

export const noMore: Share = { part: 0n, whole: 1n };

/** Places with less than one part in so many of their model's input set no example: a test that repeats itself always hits. */
const leastPart = 100n;

/** The order of the places does not matter. */
export function cacheReach(places: readonly PlaceInput[]): CacheReach {
  const all = places.map((one) => ({ one, whole: allOf(one) }));
  const byModel = new Map<string, bigint>();
  for (const { one, whole } of all) {
    byModel.set(one.model, (byModel.get(one.model) ?? 0n) + whole);
  }
  const best = new Map<string, Share>();
  for (const { one, whole } of all) {
    if (whole === 0n || whole * leastPart < (byModel.get(one.model) ?? 0n)) continue;
    const known = best.get(one.model);
    if (known !== undefined && one.cacheRead * known.whole <= known.part * whole) continue;
    best.set(one.model, { part: one.cacheRead, whole });
  }
  const more = new Map<string, Share>();
  for (const { one, whole } of all) {
    const example = best.get(one.model);
    if (example === undefined || one.input === 0n) continue;
    const wanted = (example.part * whole) / example.whole - one.cacheRead;
    if (wanted <= 0n) continue;
    more.set(one.place, { part: wanted > one.input ? one.input : wanted, whole: one.input });
  }
  return {
    bestOf: (model) => best.get(model),
    moreOf: (place) => more.get(place) ?? noMore,
  };
}

function allOf({ input, cacheRead, cacheWrite, unsplit }: PlaceInput): bigint {
  return input + cacheRead + cacheWrite + unsplit;
}
