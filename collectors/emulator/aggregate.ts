import { hourMs, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Lane, Request, Traffic } from './lane.ts';
import { keepRecent } from './lru.ts';
import { meteredInput, quotaUsed } from './meters.ts';
import { tierOrder } from './serve-request.ts';

/**
 * What meters add up from one minute of a lane, and where each stands in a row. `input` is uncached, `metered` what the
 * cloud's input meter counts. All but the three failures are of requests that were served (status 200).
 */
const columnIndex = {
  served: 0,
  clientErrors: 1,
  serverErrors: 2,
  throttles: 3,
  input: 4,
  metered: 5,
  meteredMin: 6,
  meteredMax: 7,
  cacheRead: 8,
  cacheReadMax: 9,
  cacheWrite: 10,
  cacheWriteMax: 11,
  output: 12,
  outputMin: 13,
  outputMax: 14,
  latencyMs: 15,
  latencyMsMin: 16,
  latencyMsMax: 17,
  latencyMsP90: 18,
  firstTokenMs: 19,
  firstTokenMsMin: 20,
  firstTokenMsMax: 21,
  firstTokenMsP90: 22,
  quotaUsed: 23,
} as const;
export type Column = keyof typeof columnIndex;

/** A lane, or one tier of a lane that has several; a number to read by. */
export type Strand = number;

export interface Aggregates {
  /** Undefined where the lane never serves that tier. A lane of one tier has that tier's strand for its own. */
  strand(lane: Lane, tier?: Request['tier']): Strand | undefined;
  /** 0 in a silent minute, and for an extreme or percentile of nothing. */
  read(strand: Strand, minute: Instant, column: Column): number;
}

/** Silent cells take no row: `rowOf[m * strands + s]` is 0 for none, else one more than the row's number. */
interface Hour {
  readonly rowOf: Uint16Array;
  readonly values: Int32Array;
}

const minutesAnHour = hourMs / minuteMs;
const width = Object.keys(columnIndex).length;
/** Sixteen days: what the clouds keep by the minute, and a day. */
const keptHours = 16 * 24;

/** Nearest rank: the least of the values that `percent` % of them do not exceed. 0 for none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0;
}

function add(row: Int32Array, at: number, value: number): void {
  row[at] = (row[at] ?? 0) + value;
}

function raise(row: Int32Array, at: number, value: number): void {
  if (value > (row[at] ?? 0)) row[at] = value;
}

/** Sum, least and greatest stand side by side, in that order. Called once the request itself is counted. */
function gather(row: Int32Array, at: number, value: number): void {
  add(row, at, value);
  if (row[columnIndex.served] === 1 || value < (row[at + 1] ?? 0)) row[at + 1] = value;
  raise(row, at + 2, value);
}

const failureColumn = {
  400: columnIndex.clientErrors,
  500: columnIndex.serverErrors,
  429: columnIndex.throttles,
} as const;

function fill(row: Int32Array, lane: Lane, requests: readonly Request[]): void {
  const at = columnIndex;
  row.fill(0);
  const latency: number[] = [];
  const firstToken: number[] = [];
  for (const request of requests) {
    if (request.status !== 200) {
      add(row, failureColumn[request.status], 1);
      continue;
    }
    add(row, at.served, 1);
    add(row, at.input, request.input);
    gather(row, at.metered, meteredInput(lane, request));
    add(row, at.cacheRead, request.cacheRead);
    raise(row, at.cacheReadMax, request.cacheRead);
    add(row, at.cacheWrite, request.cacheWrite);
    raise(row, at.cacheWriteMax, request.cacheWrite);
    gather(row, at.output, request.output);
    gather(row, at.latencyMs, request.latencyMs);
    gather(row, at.firstTokenMs, request.firstTokenMs);
    add(row, at.quotaUsed, quotaUsed(lane, request));
    latency.push(request.latencyMs);
    firstToken.push(request.firstTokenMs);
  }
  row[at.latencyMsP90] = percentile(latency, 90);
  row[at.firstTokenMsP90] = percentile(firstToken, 90);
}

interface StrandOf {
  readonly lane: Lane;
  readonly tier: Request['tier'] | undefined;
}

function strandsOf(lanes: readonly Lane[]): readonly StrandOf[] {
  return lanes.flatMap((lane) => {
    const tiers = tierOrder.filter((tier) => lane.tiers[tier] !== undefined);
    const parts = tiers.length > 1 ? tiers.map((tier) => ({ lane, tier })) : [];
    return [{ lane, tier: undefined }, ...parts];
  });
}

/** Sums by lane, tier and minute, made an hour at a time when first asked for and kept for the hours used last. */
export function createAggregates(traffic: Traffic): Aggregates {
  const strands = strandsOf(traffic.lanes);
  const numberOf = new Map(strands.map(({ lane, tier }, i) => [`${lane.id} ${tier ?? ''}`, i]));
  const scratch = new Int32Array(width);

  const hourOf = keepRecent(keptHours, (hourIndex): Hour => {
    const rowOf = new Uint16Array(minutesAnHour * strands.length);
    const values: number[] = [];
    for (let m = 0; m < minutesAnHour; m += 1) {
      let requests: readonly Request[] = [];
      for (const [s, { lane, tier }] of strands.entries()) {
        if (tier === undefined)
          requests = traffic.requests(lane, hourIndex * hourMs + m * minuteMs);
        const mine = tier === undefined ? requests : requests.filter((r) => r.tier === tier);
        if (mine.length === 0) continue;
        fill(scratch, lane, mine);
        for (const value of scratch) values.push(value);
        rowOf[m * strands.length + s] = values.length / width;
      }
    }
    return { rowOf, values: Int32Array.from(values) };
  });

  return {
    strand(lane, tier) {
      const part = tier === undefined ? undefined : numberOf.get(`${lane.id} ${tier}`);
      if (part !== undefined) return part;
      const whole = tier === undefined || Object.keys(lane.tiers).join() === tier;
      return whole ? numberOf.get(`${lane.id} `) : undefined;
    },
    read(strand, minute, column) {
      const minuteIndex = Math.floor(minute / minuteMs);
      const hourIndex = Math.floor(minuteIndex / minutesAnHour);
      const hour = hourOf(hourIndex);
      const cell = (minuteIndex - hourIndex * minutesAnHour) * strands.length + strand;
      const row = hour.rowOf[cell] ?? 0;
      return row === 0 ? 0 : (hour.values[(row - 1) * width + columnIndex[column]] ?? 0);
    },
  };
}
