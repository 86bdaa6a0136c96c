import type { EvidenceReader } from '../core/evidence.ts';
import type { IdentityRow, UsageReader } from '../core/store.ts';
import type { Instant, Window } from '../core/time.ts';
import { isoUtc } from '../core/time.ts';
import { intersect } from '../core/window.ts';

/** Why there is no figure, and where there is one. */
export interface NothingThere {
  /** `unknown`: no such traffic was ever seen; `silent`: its meters were read and said nothing; `not_read`: they were not. */
  readonly reason: 'unknown' | 'silent' | 'not_read';
  /** The nearest period that has something; null: none has. */
  readonly nearest: { readonly at: Instant; readonly step: '1m' | '1h' } | null;
  /** Every model that the asker may see. */
  readonly models: readonly string[];
}

export async function nothingThere(
  reader: UsageReader & EvidenceReader,
  step: '1m' | '1h',
  window: Window,
  known: readonly IdentityRow[],
  asked: readonly IdentityRow[],
): Promise<NothingThere> {
  const models = [...new Set(known.map(({ model }) => model))].toSorted();
  if (asked.length === 0) return { reason: 'unknown', nearest: null, models };
  const ids = asked.map(({ id }) => id);
  const { minute, hour } = await reader.nearestUsage(ids, window.start);
  const isHourKnown = hour !== null && hour <= window.start && hour + 3_600_000 > window.start;
  const coverage = await reader.coverageByTraffic(step === '1h' ? 3_600 : 60);
  const isRead = asked.some(({ trafficId }) =>
    Object.values(coverage.get(trafficId)?.covered ?? {}).some((spans) =>
      spans.some((span) => intersect(span, window)),
    ),
  );
  const reason = isRead ? 'silent' : 'not_read';
  if (step === '1h' || minute === null || (!isRead && isHourKnown)) {
    return { reason, nearest: hour === null ? null : { at: hour, step: '1h' }, models };
  }
  return { reason, nearest: { at: minute, step: '1m' }, models };
}

/** For people; what else is known of such a model is left to the caller. */
export function nothingSaid(
  { reason, nearest }: NothingThere,
  model: string,
  time: Instant,
  step: '1m' | '1h',
): string {
  const what = `${step === '1h' ? 'hour' : 'minute'} of ${isoUtc(time)}`;
  const why = {
    unknown: `no traffic of ${model} that fits is known`,
    silent: `${model} used nothing in the ${what}: its meters were read and were silent`,
    not_read: `nothing is known of ${model} in the ${what}: it was not read, or not as finely, or is given up`,
  }[reason];
  if (nearest === null) return why;
  return `${why}; the nearest time that has something is ${isoUtc(nearest.at)} with step ${nearest.step}`;
}
