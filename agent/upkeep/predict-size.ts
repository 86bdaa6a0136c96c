import type { LedgerRetention } from '../core/store.ts';

/** Series that report alike. */
export interface SeriesGroup {
  readonly count: number;
  /** Columns a point carries: 1 for a plain counter, 5 for the latency of AWS. */
  readonly statistics: number;
  /** Share of the minutes in which such a series reports, 0 to 1; 1 is the most there can be. */
  readonly activeShare: number;
  readonly latency: boolean;
}

/** What comes into a ledger. */
export interface LedgerShape {
  readonly targets: number;
  readonly units: number;
  readonly series: readonly SeriesGroup[];
  /** Models and deployments: what series share a traffic. */
  readonly traffics: number;
  /** Traffics by tier, model and version. */
  readonly identities: number;
  /** Share of the minutes in which an identity has any usage, 0 to 1. */
  readonly usageShare: number;
  /** From poll to poll. Seconds. */
  readonly everySeconds: number;
}

export interface LedgerSpan {
  readonly retention: LedgerRetention;
  /** How much history it holds: since the first poll, and what was filled of the time before. */
  readonly days: number;
  /** How much of that was filled, newest first. */
  readonly filledDays: number;
}

/**
 * Bytes of the ledger's file a row, page and index space included. Measured with `dbstat` on the ledger of 60 counters
 * over two days, polled every 5 minutes and filled day by day, and on the one of the emulated clouds (331 series, 1 to 5
 * statistics, one day): 24.5 and 26.5 a reading, 38.5 (five amounts) and 28.5 (mostly three) a minute of usage. They are
 * rows in the order of time, whose pages are 0.86 full.
 */
const bytesOf = {
  reading: 24,
  furtherStatistic: 2.5,
  usage: 20,
  amount: 3.7,
  latencyHour: 46,
  /** A number of a packed hour, page space included. */
  packed: 8.2,
  /** One a poll and traffic that changed anything. */
  revision: 27,
  series: 380,
  unit: 390,
  target: 7_400,
  /** Tables and indexes that hold next to nothing. */
  empty: 150_000,
} as const;

/**
 * What rows take that were filled, in units of rows that came in the order of time. A fill goes back in time: its pieces
 * of a few hours, less than a page of a series each, split the page that they lie before, and nothing ever comes between
 * to fill the halves. Their pages are 0.6 full. A fill of two weeks, and the same file 15 days later, when polls had taken
 * the place of all of it: 37.9 and 26.2 bytes a reading, 48.4 and 34.6 a minute of usage, 57 and 45 a latency hour.
 */
const filledTimes = 1.42;

const mostAmounts = 8;
const minutesPerDay = 1_440;
const hoursPerDay = 24;
const daySeconds = 86_400;
const revisionDays = 35;
/** Days whose hours are packed as well, and the figures of a cost beside the amounts. */
const packedDays = 8;
const costFigures = 4;

/**
 * Bytes of the ledger's file when it holds so much history. Its write-ahead log stands beside it with 4 to 10 MB. A file
 * does not shrink: what ages leaves room that later rows use, so it stays as large as it was when it held most, which may
 * have been before polls took the place of what was filled. Revisions are kept 35 days, whatever the retention.
 */
export function predictLedgerBytes(shape: LedgerShape, span: LedgerSpan): number {
  const { retention, days, filledDays } = span;
  const firstAgeing = Math.max(filledDays, retention.minuteSeconds / daySeconds);
  return Math.round(
    Math.max(
      heldBytes(shape, span),
      heldBytes(shape, { ...span, days: Math.min(days, firstAgeing) }),
    ),
  );
}

/** Bytes of what it holds when it is so old, whatever it held before. */
function heldBytes(shape: LedgerShape, { retention, days, filledDays }: LedgerSpan): number {
  const kept = (seconds: number) => Math.min(days, seconds / daySeconds);
  const polledDays = Math.max(0, days - filledDays);
  /** Days by the room they take: the newest are polled. */
  const inRoom = (keptDays: number) => {
    const polled = Math.min(polledDays, keptDays);
    return polled + (keptDays - polled) * filledTimes;
  };
  const minuteDays = kept(retention.minuteSeconds);
  const hourDays = kept(retention.hourSeconds);
  const perDay = perDayOf(shape);
  return (
    bytesOf.empty +
    shape.targets * bytesOf.target +
    shape.units * bytesOf.unit +
    countOf(shape.series) * bytesOf.series +
    inRoom(minuteDays) * perDay.minutes +
    // Readings become hours when their minutes go; usage has its hours from the start.
    Math.max(0, hourDays - minuteDays) * perDay.hourReadings +
    inRoom(hourDays) * perDay.hours +
    kept(retention.daySeconds) * perDay.days +
    Math.min(days, revisionDays) * perDay.revisions +
    Math.min(days, packedDays) * perDay.packs
  );
}

/** Bytes a day of each grain. */
function perDayOf(shape: LedgerShape) {
  const counters = shape.series.filter(({ latency }) => !latency);
  const amounts = Math.min(mostAmounts, countOf(counters) / Math.max(1, shape.identities));
  const usageBytes = bytesOf.usage + bytesOf.amount * amounts;
  const readings = shape.series.reduce(
    (sum, group) => sum + group.count * group.activeShare * readingBytes(group.statistics),
    0,
  );
  return {
    minutes: minutesPerDay * (readings + shape.identities * shape.usageShare * usageBytes),
    hourReadings:
      hoursPerDay *
      counters.reduce(
        (sum, group) =>
          sum + group.count * hourShare(group.activeShare) * readingBytes(group.statistics),
        0,
      ),
    hours:
      hoursPerDay *
      (shape.identities * hourShare(shape.usageShare) * (usageBytes + bytesOf.amount) +
        latencySeries(shape) * bytesOf.latencyHour),
    days: shape.identities * Math.sign(shape.usageShare) * (usageBytes + bytesOf.amount),
    packs:
      hoursPerDay *
      shape.identities *
      Math.sign(shape.usageShare) *
      bytesOf.packed *
      (amounts + costFigures),
    revisions:
      shape.traffics *
      Math.sign(shape.usageShare) *
      (daySeconds / shape.everySeconds) *
      bytesOf.revision,
  };
}

function readingBytes(statistics: number): number {
  return bytesOf.reading + bytesOf.furtherStatistic * (statistics - 1);
}

/** Minutes spread over the hours: one in sixty is an hour that has something. */
function hourShare(minuteShare: number): number {
  return Math.min(1, 60 * minuteShare);
}

function latencySeries({ series }: LedgerShape): number {
  return series.reduce(
    (sum, { count, latency, activeShare }) => sum + (latency ? count * hourShare(activeShare) : 0),
    0,
  );
}

function countOf(series: readonly SeriesGroup[]): number {
  return series.reduce((sum, { count }) => sum + count, 0);
}
