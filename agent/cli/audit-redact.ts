import type { StoredBillLine } from '../core/bill-store.ts';
import type { IdentityRow } from '../core/store.ts';

/** Puts names of the pack's own in the place of whoever's ids they are: `account-1`, the same in every file. */
export interface Redaction {
  /** Wherever an id stands as a word by itself, or as a part of a longer id. */
  text(text: string): string;
  place<Place extends { readonly account: string; readonly resource: string }>(place: Place): Place;
}

/** Numbered in the order of the ids themselves, so that the same ids have the same names in the next pack. */
export function createRedaction(
  identities: readonly IdentityRow[],
  lines: readonly StoredBillLine[],
): Redaction {
  const names = new Map<string, string>();
  const add = (kind: string, ids: readonly string[]) => {
    const own = [...new Set(ids)].filter((id) => id !== '' && !names.has(id)).toSorted();
    for (const [at, id] of own.entries()) names.set(id, `${kind}-${at + 1}`);
  };
  const all = [...identities, ...lines];
  const modelWords = new Set(
    identities.flatMap(({ model, vendorModel }) => [
      model,
      model.slice(model.indexOf('/') + 1),
      vendorModel,
    ]),
  );
  add(
    'account',
    all.map(({ account }) => account),
  );
  add(
    'resource',
    all.map(({ resource }) => resource),
  );
  add(
    'profile',
    identities.map(({ vendorModel }) => (vendorModel.startsWith('arn:') ? vendorModel : '')),
  );
  add(
    'deployment',
    // One that is called as its model is tells nothing, and its name stands in other places too.
    identities.map(({ deployment }) => (modelWords.has(deployment) ? '' : deployment)),
  );
  const longestFirst = [...names.keys()].toSorted((a, b) => b.length - a.length);
  const pattern =
    longestFirst.length === 0
      ? undefined
      : new RegExp(`(?<![\\w-])(?:${longestFirst.map(escaped).join('|')})(?![\\w-])`, 'gi');
  const folded = new Map([...names].map(([id, name]) => [id.toLowerCase(), name]));
  const text = (given: string) => {
    if (pattern === undefined) return given;
    return given
      .replaceAll(/(\/resourceGroups\/)[^/'"\s]+/gi, '$1resource-group')
      .replaceAll(pattern, (id) => folded.get(id.toLowerCase()) ?? id);
  };
  return {
    text,
    place: (place) => ({
      ...place,
      account: names.get(place.account) ?? place.account,
      resource: names.get(place.resource) ?? place.resource,
    }),
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
