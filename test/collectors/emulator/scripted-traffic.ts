import { floorTo, minuteMs } from '../../../agent/core/time.ts';
import type { Lane, Request, Traffic } from '../../../collectors/emulator/lane.ts';
import { scenarioLanes } from '../../../collectors/emulator/scenario.ts';

/** A request of a lane; what is not said is a small success. */
export type Scripted = Partial<Request> & Pick<Request, 'start'> & { readonly lane: Lane };

/** Traffic of just the requests told. */
export function scriptedTraffic(lanes: readonly Lane[], requests: readonly Scripted[]): Traffic {
  return {
    lanes,
    requests: (lane, minute) =>
      requests
        .filter((request) => request.lane.id === lane.id)
        .filter((request) => floorTo(request.start, minuteMs) === floorTo(minute, minuteMs))
        .map(({ lane: _lane, ...said }) => ({
          input: 100,
          cacheRead: 0,
          cacheWrite: 0,
          output: 10,
          status: 200,
          tier: 'standard',
          latencyMs: 900,
          firstTokenMs: 300,
          ...said,
        })),
  };
}

/** The lane whose id ends so. */
export function laneOf(idEnd: string, lanes: readonly Lane[] = scenarioLanes): Lane {
  const lane = lanes.find(({ id }) => id.endsWith(idEnd));
  if (lane === undefined) throw new Error(`No lane ends with ${idEnd}.`);
  return lane;
}
