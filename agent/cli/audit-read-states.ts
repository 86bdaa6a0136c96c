import { createHash } from 'node:crypto';
import type { IdentityRow, TrafficCoverage } from '../core/store.ts';
import { dayMs } from '../core/time.ts';
import type { Instant, Window } from '../core/time.ts';
import { coveredMs } from '../core/window.ts';
import { livingOn, readsOf, wholeDays } from './audit-facts.ts';

type Coverage = ReadonlyMap<number, TrafficCoverage>;
type ReadStates = ReadonlyMap<Instant, string>;

interface Made {
  readonly identities: readonly IdentityRow[];
  readonly coverage: Coverage;
  readonly span: Window;
  readonly states: ReadStates;
}

/** Spans that are asked about again and again: of some boards and of the page. */
const mostSpans = 4;

/**
 * By day of whole ones: a word for whose day was read whole, and which accounts'. The same map where identities and coverage are
 * the same objects as before.
 */
export function rememberedReadStates(): (
  identities: readonly IdentityRow[],
  coverage: Coverage,
  span: Window,
  days: readonly Instant[],
) => ReadStates {
  const made: Made[] = [];
  return (identities, coverage, span, days) => {
    const place = made.findIndex(
      (one) => one.span.start === span.start && one.span.end === span.end,
    );
    const [before] = place === -1 ? [] : made.splice(place, 1);
    const isSame = before?.identities === identities && before.coverage === coverage;
    const states = isSame ? before.states : readStates(identities, coverage, span, days);
    made.push({ identities, coverage, span, states });
    if (made.length > mostSpans) made.shift();
    return states;
  };
}

function readStates(
  identities: readonly IdentityRow[],
  coverage: Coverage,
  span: Window,
  days: readonly Instant[],
): ReadStates {
  const isWhole = wholeDays();
  const lists = livingOn(identities, span).map(
    ({ trafficId }) => coverage.get(trafficId)?.settled ?? [],
  );
  const distinct = [...new Set(lists)];
  const places = new Map(distinct.map((list, place) => [list, place]));
  const order = lists.map((list) => places.get(list) ?? 0);
  const reads = readsOf(identities, coverage);
  const whole = new Uint8Array(order.length);
  return new Map(
    days.map((day) => {
      const wholeLists = distinct.map((list) => (isWhole(list, day) ? 1 : 0));
      for (const [index, place] of order.entries()) whole[index] = wholeLists[place] ?? 0;
      const accounts = reads.map((one) =>
        coveredMs({ start: day, end: day + dayMs }, [one]) === dayMs
          ? `${one.cloud}|${one.account}`
          : '',
      );
      const state = createHash('sha1')
        .update(whole)
        .update(accounts.filter((name) => name !== '').join(' '));
      return [day, state.digest('base64')];
    }),
  );
}
