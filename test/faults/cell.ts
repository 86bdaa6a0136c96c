import { silentLog } from '../../agent/core/log.ts';
import type { Ledger } from '../../agent/core/store.ts';
import { minuteMs, secondMs } from '../../agent/core/time.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { normalize } from '../../agent/normalize/normalize.ts';
import { querySources } from '../../agent/query/sources.ts';
import type { SourceRow } from '../../agent/query/sources.ts';
import { createSlots } from '../../agent/schedule/slots.ts';
import { createSourceLoop } from '../../agent/schedule/source-loop.ts';
import { createFaultScript } from '../../collectors/emulator/faults/create.ts';
import type { Call } from '../../collectors/emulator/faults.ts';
import type { Traffic } from '../../collectors/emulator/lane.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { differences } from '../support/rehearsal.ts';
import { createIoGate } from './io-gate.ts';
import { sourcesOf } from './small-world.ts';
import { minutesOf, newZeros } from './minutes.ts';

/** One square of the matrix: a script that befalls some calls of a cloud. */
export interface Cell {
  readonly script: string;
  readonly cloud: 'aws' | 'azure';
  /** As the table names it. */
  readonly call: string;
  readonly match: (call: Call) => boolean;
  /** True where what is asked for is remembered, so that only an agent that has just started asks again. */
  readonly restarts: boolean;
  /** How long the fault lasts, from a minute after the start. */
  readonly lastsMs: number;
  readonly timeoutMs: number;
}

/** What was seen of a cell. */
export interface Seen {
  /** Reasons on record at the end of the fault; each once. */
  readonly reasons: readonly string[];
  /** Targets and scopes that have a failure on record then. */
  readonly failing: readonly string[];
  /** Targets whose watermark stood still. */
  readonly blind: readonly string[];
  /** Targets whose watermark moved on. */
  readonly going: readonly string[];
  /** Seconds between the first failure on record and its next try, of each that fails; each once. */
  readonly waits: readonly number[];
  /** Whole minutes from the end of the fault until no failure was left and the ledger was the truth. */
  readonly healedAfterMinutes: number | undefined;
  /** What must not be, in words. */
  readonly amiss: readonly string[];
}

/** A weekday, ten seconds past noon. */
const start = Date.UTC(2026, 10, 18, 12, 0, 10);
const faultFrom = start + minuteMs;
const healingMinutes = 30;
const settings = {
  everySeconds: 600,
  discoverySeconds: 600,
  overlapSeconds: 900,
  backfillSeconds: 2_400,
  minuteRetentionSeconds: 15 * 86_400,
};

/** Runs the real loops and collectors against the clouds before, during and after the fault. */
export async function runCell(cell: Cell, traffic: Traffic): Promise<Seen> {
  const gate = createIoGate();
  const clock = createFakeClock(start, () => gate.idle());
  const faultTo = faultFrom + cell.lastsMs;
  const { cloud, match } = cell;
  const now = () => clock.now();
  const span = { cloud, match, now, from: faultFrom, to: faultTo };
  const faults = createFaultScript(cell.script, span);
  const clouds = await startClouds({ traffic, now, settled: true, faults });
  const ledger = openLedger(
    ':memory:',
    createInterpretation(new Map(), {
      openaiInputIncludesCached: true,
      bedrockInvocations: 'accepted',
    }),
    start,
  );
  /** The agent's loops; what is returned stops them. */
  const startLoops = (): (() => Promise<void>) => {
    const choices = { batch: cell.call === 'getBatch' };
    const collectors = sourcesOf(cloud, clouds, clock, cell.timeoutMs, choices).map((one) =>
      gate.watch(one),
    );
    const deps = { clock, ledger, normalize, settings, slots: createSlots(4), random: () => 0.5 };
    const stop = new AbortController();
    const loops = collectors.map((collector) =>
      createSourceLoop({ ...deps, log: silentLog, tracer: noTracer }, collector),
    );
    const running = loops.map((loop) => loop.run(stop.signal));
    return async () => {
      stop.abort();
      await Promise.all(running);
      await Promise.all(collectors.map((collector) => collector.close()));
    };
  };
  const sources = () => querySources(ledger, clock.now(), settings.everySeconds);
  let stopLoops = startLoops();
  try {
    const amiss: string[] = [];
    await clock.advance(faultFrom - start);
    const before = await sources();
    amiss.push(...notHealthy(before).map((row) => `before the fault: ${row}`));
    const hour = { start: start - 10 - 30 * minuteMs, end: faultTo };
    const minutesBefore = await minutesOf(ledger, hour);
    if (cell.restarts) {
      await stopLoops();
      stopLoops = startLoops();
    }
    // Past the first poll and the first listing that meet the fault.
    await clock.advance(9 * minuteMs + secondMs);
    const early = await sources();
    // Between a poll and the listing that follows it: what is on record then outlived a read.
    await clock.advance(
      Math.min(faultTo - secondMs, start + 20 * minuteMs - 5 * secondMs) - clock.now(),
    );
    const late = await sources();
    const { blind, going } = compared(before, late);
    const failing = late.filter((row) => row.reason !== null);
    amiss.push(
      ...failing
        .filter((row) => (row.hint ?? '') === '' || (row.operation ?? '') === '')
        .map((row) => `${row.target} fails without a hint`),
      ...newZeros(minutesBefore, await minutesOf(ledger, hour), late, blind),
    );
    const healedAfterMinutes = await heal();
    return {
      reasons: distinct(failing.map((row) => row.reason ?? '')),
      failing: failing.map((row) => row.target),
      blind,
      going,
      waits: distinct(early.flatMap(waitOf)),
      healedAfterMinutes,
      amiss: healedAfterMinutes === undefined ? [...amiss, ...(await whatIsLeft())] : amiss,
    };
  } finally {
    await stopLoops();
    await clouds.close();
    ledger.close();
  }

  async function heal(): Promise<number | undefined> {
    await clock.advance(faultTo - clock.now());
    for (let minutes = 1; minutes <= healingMinutes; minutes += 1) {
      await clock.advance(minuteMs);
      if ((await whatIsLeft()).length === 0) return minutes;
    }
    return undefined;
  }

  async function whatIsLeft(): Promise<readonly string[]> {
    const unwell = notHealthy(await sources());
    if (unwell.length > 0) return unwell.map((row) => `after the fault: ${row}`);
    return untrue(ledger, cloud, traffic, faultTo);
  }
}

const grouping = ['cloud', 'account', 'region', 'resource', 'deployment', 'model'] as const;

/** The ledger against the requests themselves, to the minute and in total, from half an hour before the fault on. */
async function untrue(
  ledger: Ledger,
  cloud: Cell['cloud'],
  traffic: Traffic,
  faultTo: number,
): Promise<readonly string[]> {
  const lanes = traffic.lanes.filter((lane) => lane.cloud === cloud);
  const ofCloud: Traffic = { lanes, requests: (lane, minute) => traffic.requests(lane, minute) };
  const end = Math.floor(faultTo / minuteMs) * minuteMs;
  const hour = { start: Date.UTC(2026, 10, 18, 11, 35), end };
  const inTotal = await differences(ledger, ofCloud, hour, 'total', grouping);
  if (inTotal.length > 0) return inTotal.slice(0, 5);
  return (await differences(ledger, ofCloud, hour, '1m', grouping)).slice(0, 5);
}

function notHealthy(rows: readonly SourceRow[]): readonly string[] {
  return rows
    .filter((row) => row.reason !== null || row.state !== 'ok' || row.irregularities > 0)
    .map((row) => `${row.target} is ${row.state} ${row.message ?? ''} ${row.irregularity_kinds}`);
}

function compared(before: readonly SourceRow[], late: readonly SourceRow[]) {
  const watermarks = new Map(before.map((row) => [row.target, row.watermark]));
  const targets = late.filter((row) => watermarks.has(row.target));
  const moved = (row: SourceRow) => row.watermark !== watermarks.get(row.target);
  return {
    blind: targets.filter((row) => !moved(row)).map((row) => row.target),
    going: targets.filter(moved).map((row) => row.target),
  };
}

function waitOf(row: SourceRow): readonly number[] {
  if (row.failed_at === null || row.next_poll === null) return [];
  return [Math.round((Date.parse(row.next_poll) - Date.parse(row.failed_at)) / secondMs)];
}

function distinct<T extends string | number>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].toSorted((a, b) => (a < b ? -1 : 1));
}
