import type { Alert, Silence, SilenceMatcher } from '../core/alert.ts';
import type { Labels } from '../core/cloud.ts';
import type { Instant } from '../core/time.ts';

/** Ids of the silences that hold now and match, sorted. A label that is not there matches as an empty one. */
export function silencedBy(
  { labels }: Pick<Alert, 'labels'>,
  silences: readonly Silence[],
  now: Instant,
): readonly string[] {
  return silences
    .filter((one) => isActiveAt(one, now) && one.matchers.every((each) => matches(each, labels)))
    .map(({ id }) => id)
    .toSorted();
}

function isActiveAt({ startsAt, endsAt }: Silence, now: Instant): boolean {
  return startsAt <= now && now < endsAt;
}

function matches({ name, value, isEqual }: SilenceMatcher, labels: Labels): boolean {
  const actual = labels[name] ?? '';
  const fits = value.endsWith('*') ? actual.startsWith(value.slice(0, -1)) : actual === value;
  return fits === isEqual;
}
