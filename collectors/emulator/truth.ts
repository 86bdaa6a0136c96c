import { dayMs, floorTo, hourMs, isoUtc, minuteMs } from '../../agent/core/time.ts';
import type { Instant } from '../../agent/core/time.ts';
import type { Lane, Request, Traffic } from './lane.ts';
import { tierOrder } from './serve-request.ts';

export const truthDimensions = [
  'cloud',
  'account',
  'resource',
  'region',
  'model',
  'deployment',
  'endpoint',
  'vendor_model',
  'tier',
] as const;
export type TruthDimension = (typeof truthDimensions)[number];

export const truthSteps = ['1m', '5m', '1h', '1d', 'total'] as const;
export type TruthStep = (typeof truthSteps)[number];

/** `from` and `to` at full minutes: a minute is in the span or not. */
export interface TruthQuery {
  readonly from: Instant;
  readonly to: Instant;
  readonly step: TruthStep;
  readonly groupBy: readonly TruthDimension[];
}

/** Amounts in the columns of `/api/v1/usage`. Null: no lane of the row has a meter that tells. */
interface TruthAmounts {
  readonly input_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly output_tokens: number;
  readonly unsplit_input_tokens: number | null;
  readonly requests: number;
  readonly errors: number;
  readonly throttles: number | null;
}
/** The bucket's start and the dimensions asked for, beside the amounts. */
export type TruthRow = TruthAmounts &
  Partial<Readonly<Record<TruthDimension, string>>> & { readonly time: string };

const stepMs = { '1m': minuteMs, '5m': 5 * minuteMs, '1h': hourMs, '1d': dayMs } as const;

/** Sums of what was served, and which of them a meter can tell: those of silent lanes are 0, not null. */
interface Group {
  readonly dimensions: Partial<Record<TruthDimension, string>>;
  readonly tells: {
    readonly split: boolean;
    readonly unsplit: boolean;
    readonly throttles: boolean;
  };
}

interface Sums {
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  unsplit: number;
  requests: number;
  errors: number;
  throttles: number;
}

function dimensionsOf(lane: Lane, tier: Request['tier'], groupBy: TruthQuery['groupBy']) {
  const all: Record<TruthDimension, string> = {
    cloud: lane.cloud,
    account: lane.account,
    resource: lane.resource,
    region: lane.region,
    model: lane.model,
    deployment: lane.deployment,
    endpoint: lane.endpoint,
    vendor_model: lane.vendorModel,
    tier,
  };
  return Object.fromEntries(groupBy.map((name) => [name, all[name]]));
}

function keyOf(lane: Lane, tier: Request['tier'], groupBy: TruthQuery['groupBy']): string {
  return JSON.stringify(dimensionsOf(lane, tier, groupBy));
}

/** Every row of a bucket, silent ones included, and which row the requests of a lane and tier go to. */
function groupsOf(lanes: readonly Lane[], groupBy: TruthQuery['groupBy']) {
  const groups = new Map<string, Group>();
  const keys = new Map<string, string>();
  for (const lane of lanes) {
    for (const tier of tierOrder.filter((name) => lane.tiers[name] !== undefined)) {
      const key = keyOf(lane, tier, groupBy);
      const before = groups.get(key)?.tells;
      keys.set(`${lane.id} ${tier}`, key);
      groups.set(key, {
        dimensions: dimensionsOf(lane, tier, groupBy),
        tells: {
          split: before?.split === true || lane.cacheMeters,
          unsplit: before?.unsplit === true || !lane.cacheMeters,
          throttles: before?.throttles === true || lane.endpoint !== 'mantle',
        },
      });
    }
  }
  return { groups, keyOf: (lane: Lane, tier: Request['tier']) => keys.get(`${lane.id} ${tier}`) };
}

function noSums(): Sums {
  return {
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 0,
    unsplit: 0,
    requests: 0,
    errors: 0,
    throttles: 0,
  };
}

function add(sums: Sums, lane: Lane, request: Request): void {
  if (request.status === 429) {
    if (lane.endpoint !== 'mantle') sums.throttles += 1;
    return;
  }
  sums.requests += 1;
  const tellsError =
    request.status === 400 || (request.status === 500 && lane.endpoint !== 'mantle');
  if (tellsError) sums.errors += 1;
  sums.output += request.output;
  if (lane.cacheMeters) {
    sums.input += request.input;
    sums.cacheRead += request.cacheRead;
    sums.cacheWrite += request.cacheWrite;
  } else sums.unsplit += request.input + request.cacheRead + request.cacheWrite;
}

function rowOf(time: Instant, { dimensions, tells }: Group, sums: Sums): TruthRow {
  return {
    time: isoUtc(time),
    ...dimensions,
    input_tokens: tells.split ? sums.input : null,
    cache_read_tokens: tells.split ? sums.cacheRead : null,
    cache_write_tokens: tells.split ? sums.cacheWrite : null,
    output_tokens: sums.output,
    unsplit_input_tokens: tells.unsplit ? sums.unsplit : null,
    requests: sums.requests,
    errors: sums.errors,
    throttles: tells.throttles ? sums.throttles : null,
  };
}

/**
 * What a perfect reader of both clouds could say: added up from the requests themselves, never from a meter. Input is
 * split where the cloud has cache meters for the lane and `unsplit_input_tokens` where it has not. Mantle tells neither
 * throttles nor server errors. Every bucket has a row for every group, with zeros where it was silent.
 */
export function truth(traffic: Traffic, query: TruthQuery): readonly TruthRow[] {
  const { from, to, step, groupBy } = query;
  const { groups, keyOf: groupKeyOf } = groupsOf(traffic.lanes, groupBy);
  const bucketOf = (minute: Instant) => (step === 'total' ? from : floorTo(minute, stepMs[step]));
  const rows: TruthRow[] = [];
  let sums = new Map<string, Sums>();
  const flush = (bucket: Instant) => {
    for (const [key, group] of groups) rows.push(rowOf(bucket, group, sums.get(key) ?? noSums()));
    sums = new Map();
  };
  let bucket = bucketOf(from);
  for (let minute = floorTo(from, minuteMs); minute < to; minute += minuteMs) {
    if (bucketOf(minute) !== bucket) {
      flush(bucket);
      bucket = bucketOf(minute);
    }
    for (const lane of traffic.lanes) {
      for (const request of traffic.requests(lane, minute)) {
        const key = groupKeyOf(lane, request.tier) ?? '';
        const group = sums.get(key) ?? noSums();
        add(group, lane, request);
        sums.set(key, group);
      }
    }
  }
  if (from < to) flush(bucket);
  return rows;
}
