import { floorTo, hourMs, minuteMs } from '../../../agent/core/time.ts';
import type { Instant, Window } from '../../../agent/core/time.ts';
import type { Request, Traffic } from '../lane.ts';
import type { Editions, FaultScript } from './script.ts';

/** How long ago that was of which the cloud then says something else, and for how long. */
const agoMs = 20 * hourMs;
const lengthMs = hourMs;

/** What becomes of every fifth minute each; the two others stay. */
type Fate = 'higher' | 'lower' | 'late';
const fates: readonly (Fate | undefined)[] = ['higher', 'lower', 'late'];

/** Of every request one more. */
function higher(requests: readonly Request[]): readonly Request[] {
  return requests.flatMap((request) => [request, request]);
}

/** Half the tokens, and never none: a point that is gone is another matter than one that is less. */
function lower(requests: readonly Request[]): readonly Request[] {
  return requests.map((request) => ({
    ...request,
    input: Math.ceil(request.input / 2),
    cacheRead: Math.ceil(request.cacheRead / 2),
    cacheWrite: Math.ceil(request.cacheWrite / 2),
    output: Math.ceil(request.output / 2),
  }));
}

function fateOf(minute: Instant, { start, end }: Window): Fate | undefined {
  if (minute < start || minute >= end) return undefined;
  return fates[Math.floor(minute / minuteMs) % 5];
}

function editionsOf(cloud: FaultScript['cloud'], from: Instant): Editions {
  const start = floorTo(from - agoMs - lengthMs / 2, minuteMs);
  const span = { start, end: start + lengthMs };
  const edition =
    (change: (fate: Fate, requests: readonly Request[]) => readonly Request[]) =>
    (traffic: Traffic): Traffic => ({
      lanes: traffic.lanes,
      requests(lane, minute) {
        const requests = traffic.requests(lane, minute);
        const fate = lane.cloud === cloud ? fateOf(minute, span) : undefined;
        return fate === undefined ? requests : change(fate, requests);
      },
    });
  return {
    before: edition((fate, requests) => (fate === 'late' ? [] : requests)),
    after: edition((fate, requests) => {
      if (fate === 'late') return requests;
      return fate === 'higher' ? higher(requests) : lower(requests);
    }),
  };
}

/** The day before is told anew: some of its minutes rise, some fall, and some that were silent turn out not to have been. */
export const restatedScripts: readonly FaultScript[] = (['aws', 'azure'] as const).map(
  (cloud): FaultScript => ({
    name: 'restated yesterday',
    cloud,
    calls: [],
    deed: { kind: 'restate', editionsOf: (from) => editionsOf(cloud, from) },
  }),
);
