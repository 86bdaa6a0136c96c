import { floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Lane, Request, Traffic } from './lane.ts';
import { keepRecent } from './lru.ts';
import { isActive, shareAt } from './rhythm.ts';
import type { ScenarioLane } from './scenario-lane.ts';
import { draw, serveRequest } from './serve-request.ts';
import { minutesOf } from './trace.ts';
import type { Trace } from './trace.ts';

/** Which recorded rows each lane gets in an hour: lane `l` of minute `m` has `rows[starts[m * lanes + l] ..]`. */
interface HourPlan {
  readonly rows: Uint16Array;
  readonly starts: Uint32Array;
}

const minutesAnHour = hourMs / minuteMs;
/** Sixteen days of plans are kept: they are small, and every meter of both clouds is read from them. */
const keptHours = 16 * 24;
/** Lanes are drawn from a table of this many slots, so a weight holds to that grain. */
const slots = 1 << 14;

/** Lane index by slot, in proportion to the weights. */
function slotTable(lanes: readonly Lane[]): Uint8Array {
  const whole = lanes.reduce((sum, lane) => sum + lane.weight, 0);
  const table = new Uint8Array(slots);
  let filled = 0;
  let weight = 0;
  for (const [index, lane] of lanes.entries()) {
    weight += lane.weight;
    const end = Math.round((weight / whole) * slots);
    table.fill(index, filled, end);
    filled = end;
  }
  return table;
}

/**
 * The recorded hour, repeated for all time: minute `m` of UTC replays minute `m` modulo the recording's length, thinned
 * by the rhythm of day and week and spread over the lanes by weight. Nothing depends on the order of calls.
 */
export function createTraffic(lanes: readonly ScenarioLane[], trace: Trace): Traffic {
  if (lanes.length === 0 || lanes.length > 255) throw new Error('Traffic needs 1 to 255 lanes.');
  const recording = minutesOf(trace);
  const laneOfSlot = slotTable(lanes);
  const indexOf = new Map(lanes.map((lane, index) => [lane.id, index]));
  const recordedRows = (minuteIndex: number) => {
    const recorded = ((minuteIndex % recording.count) + recording.count) % recording.count;
    return [recording.firstRow[recorded] ?? 0, recording.firstRow[recorded + 1] ?? 0] as const;
  };

  function planHour(hourIndex: number): HourPlan {
    const rows: number[] = [];
    const starts = new Uint32Array(minutesAnHour * lanes.length + 1);
    const ofLane: number[][] = lanes.map(() => []);
    for (let m = 0; m < minutesAnHour; m += 1) {
      const minuteIndex = hourIndex * minutesAnHour + m;
      const minute = minuteIndex * minuteMs;
      const share = shareAt(minute);
      const [first, end] = recordedRows(minuteIndex);
      for (let row = first; row < end; row += 1) {
        if (draw(row, minuteIndex, 0) >= share) continue;
        const slot = Math.floor(draw(row, minuteIndex, 1) * slots);
        ofLane[laneOfSlot[slot] ?? 0]?.push(row);
      }
      for (const [index, lane] of lanes.entries()) {
        const taken = ofLane[index] ?? [];
        if (isActive(lane.season, minute)) for (const row of taken) rows.push(row);
        taken.length = 0;
        starts[m * lanes.length + index + 1] = rows.length;
      }
    }
    return { rows: Uint16Array.from(rows), starts };
  }

  const planOf = keepRecent(keptHours, planHour);

  return {
    lanes,
    requests(lane: Lane, minute: Instant): readonly Request[] {
      const laneIndex = indexOf.get(lane.id);
      if (laneIndex === undefined) throw new Error(`No such lane in this traffic: ${lane.id}.`);
      const start = floorTo(minute, minuteMs);
      const minuteIndex = start / minuteMs;
      const hourIndex = Math.floor(start / hourMs);
      const plan = planOf(hourIndex);
      const cell = (minuteIndex - hourIndex * minutesAnHour) * lanes.length + laneIndex;
      const served: Request[] = [];
      for (let i = plan.starts[cell] ?? 0; i < (plan.starts[cell + 1] ?? 0); i += 1) {
        const row = plan.rows[i] ?? 0;
        const arrival = {
          start: start + ((trace.offsetsMs[row] ?? 0) % minuteMs),
          row,
          minuteIndex,
          contextTokens: trace.contextTokens[row] ?? 0,
          generatedTokens: trace.generatedTokens[row] ?? 0,
        };
        served.push(serveRequest(lane, arrival));
      }
      return served;
    },
  };
}
