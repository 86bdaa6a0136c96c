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

/** Places with less than one part in so many of their model's input set no example: a test that repeats itself always hits. */
const leastPart = 100n;

/** The order of the places does not matter. */
export function cacheReach(places: readonly PlaceInput[]): CacheReach {
  const byModel = new Map<string, bigint>();
  for (const one of places) byModel.set(one.model, (byModel.get(one.model) ?? 0n) + allOf(one));
  const best = new Map<string, Share>();
  for (const one of places) {
    const whole = allOf(one);
    if (whole === 0n || whole * leastPart < (byModel.get(one.model) ?? 0n)) continue;
    const known = best.get(one.model);
    if (known !== undefined && one.cacheRead * known.whole <= known.part * whole) continue;
    best.set(one.model, { part: one.cacheRead, whole });
  }
  const more = new Map<string, Share>();
  for (const one of places) {
    const example = best.get(one.model);
    if (example === undefined || one.input === 0n) continue;
    const wanted = (example.part * allOf(one)) / example.whole - one.cacheRead;
    const part = wanted < 0n ? 0n : wanted > one.input ? one.input : wanted;
    more.set(one.place, { part, whole: one.input });
  }
  return {
    bestOf: (model) => best.get(model),
    moreOf: (place) => more.get(place) ?? { part: 0n, whole: 1n },
  };
}

function allOf({ input, cacheRead, cacheWrite, unsplit }: PlaceInput): bigint {
  return input + cacheRead + cacheWrite + unsplit;
}
