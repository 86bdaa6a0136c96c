import type { AlertReader, AlertWriter, OutboxReader, OutboxWriter } from './alert-store.ts';
import type { BilledCall } from './api-call.ts';
import type { AuditMarkReader, InputContractReader } from './audit.ts';
import type { BillReader, BillStatusWriter, BillWriter } from './bill-store.ts';
import type { CapacityReader, CapacityWriter } from './capacity.ts';
import type { CalibrationReader, CalibrationWriter } from './calibration.ts';
import type { Cloud, Discovery, Labels, MeterUnit, Target } from './collector.ts';
import type { EvidenceReader } from './evidence.ts';
import type { ExternalError, FailureReason } from './errors.ts';
import type { CostSums, Grain, IdentityRow, Revision, Sequence } from './ledger-rows.ts';
import type { FeedLedger } from './exporter.ts';
import type { PriceBookReader, PriceBookWriter } from './price-store.ts';
import type { Readings, Rejection } from './reading.ts';
import type { Amounts } from './usage.ts';
import type { Phase } from './meter.ts';
import type { Instant, Window } from './time.ts';

export type {
  CostSums,
  Grain,
  IdentityRow,
  NamedTraffic,
  Revision,
  Sequence,
} from './ledger-rows.ts';

/** One window of one target, read whole. */
export interface UsageBatch {
  readonly target: Target;
  readonly units: readonly MeterUnit[];
  readonly window: Window;
  readonly periodSeconds: number;
  readonly readAt: Instant;
  readonly readings: readonly Readings[];
  readonly rejections: readonly Rejection[];
}

export interface CommitResult {
  /** The newest revision after the commit. */
  readonly sequence: Sequence;
  readonly readingsChanged: number;
  readonly usageChanged: number;
  /** Points that were there at an earlier read and are gone; they keep their values. */
  readonly vanished: number;
}

/** A span of a unit that was read whole. */
export interface CoverageSpan extends Window {
  readonly periodSeconds: number;
  /** Read whole at or after its end + the meter's settle time. */
  readonly settled: boolean;
}

/** Writers are synchronous: one call, one transaction, on disk when it returns. */
export interface UsageWriter {
  commit(batch: UsageBatch): CommitResult;
}

export interface DiscoveryWriter {
  /**
   * Keeps targets, units and inventory history. Returns every target to poll, with the units remembered from
   * earlier listings where the cloud's own listing forgets, and the known ones of scopes that failed.
   */
  recordDiscovery(source: string, discovery: Discovery, at: Instant): readonly Target[];
}

/** What a failure keeps from being read; the listing of one kind says nothing of the other. */
export type FailureKind = 'usage' | 'bills';

export interface StatusWriter {
  recordFailure(failure: {
    readonly source: string;
    /** A target's id, or the scope of a failed discovery. */
    readonly scope: string;
    readonly error: ExternalError;
    readonly at: Instant;
    readonly nextTry: Instant;
    /** Of what reading; absent: `usage`. */
    readonly kind?: FailureKind;
  }): void;
  /** The target is read again, all of it. */
  clearFailure(scope: string): void;
  /**
   * After a listing of that kind, `usage` if absent: failures of it in the source that belong to no polled target, nor to a
   * scope that is asked for bills, and are not among `failing` are over.
   */
  settleScopes(source: string, failing: readonly string[], kind?: FailureKind): void;
  /** When the target is read next; for people, the scheduler does not read it back. */
  recordNextPoll(targetId: string, at: Instant): void;
  /** How often the target is read; `slowed` says what of it waits, why and what to do, null where nothing does. */
  recordPace(targetId: string, cadenceSeconds: number, slowed: string | null): void;
}

/** When the last day of each target was last read again, so that a restart does not read it once more. */
export interface RereadBook {
  /** Undefined: never. */
  rereadAt(targetId: string): Instant | undefined;
  recordReread(targetId: string, at: Instant): void;
}

export interface ApiCallWriter {
  /** Puts one call on the bill, before it is made. */
  recordApiCall(call: BilledCall): void;
}

export interface ApiCallReader {
  /** What the source spent on its calls on the UTC day of that moment. Nano-dollars. */
  apiSpent(source: string, at: Instant): bigint;
}

export interface ApiTotalReader {
  /** The bill of all time, by source and operation; `scope` is empty. It only grows. */
  apiTotals(): Promise<readonly ApiCallSum[]>;
}

/** How long the ledger keeps each grain, in seconds; Infinity is for ever. No grain shorter than a finer one. */
export interface LedgerRetention {
  readonly minuteSeconds: number;
  readonly hourSeconds: number;
  readonly daySeconds: number;
}

export interface AgeResult {
  /** Rows that went. */
  readonly deleted: number;
  /** Whether there may be more to delete: ask again. */
  readonly more: boolean;
}

export interface AgeingWriter {
  /**
   * One short step of giving up what is older than it is kept for; the answers of coarser grains stay what they were, and
   * the span stays known as read.
   */
  age(now: Instant, retention: LedgerRetention): AgeResult;
  /**
   * One short step of keeping the hours of days that are over a second time, as who asks for a week of thousands of series is
   * answered from. Whether there may be more to do.
   */
  packHours(now: Instant): boolean;
}

export interface CoverageReader {
  /** Unit key → sorted spans, of the units that are asked for or of all the target ever had. */
  coverage(
    targetId: string,
    units?: readonly Pick<MeterUnit, 'key'>[],
  ): ReadonlyMap<string, readonly CoverageSpan[]>;
}

/** Where a traffic was looked at, by the meters behind each amount. Sorted, disjoint. */
export interface TrafficCoverage {
  readonly covered: Readonly<Record<keyof Amounts, readonly Window[]>>;
  /** Covered and settled for every token meter of the traffic. */
  readonly settled: readonly Window[];
}

/** Sums over one bucket of one identity; peak is the busiest minute's tokens, null where minutes were never read. */
export interface AmountRow extends Amounts, CostSums {
  readonly identityId: number;
  readonly bucket: Instant;
  readonly peakTokens: number | null;
}

export interface LatencyRow {
  readonly identityId: number;
  readonly phase: Phase;
  readonly bucket: Instant;
  /** Null where the cloud gives no count (Azure). */
  readonly count: number | null;
  /** What a mean is weighted by: the count, or the requests of the same minute. */
  readonly weight: number;
  readonly avgMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  /** Only of a bucket that holds a single reading: percentiles are never merged. */
  readonly p90Ms: number | null;
}

export interface AmountQuery {
  readonly grain: Grain;
  readonly identityIds: readonly number[];
  /** Aligned to the grain. */
  readonly window: Window;
  /** Buckets are epoch-aligned multiples of this; 0: one bucket at the window's start. */
  readonly bucketMs: number;
}

/** Sums over one bucket of one set of identities. */
export interface SumRow extends Amounts, CostSums {
  /** Its place among the sets that were asked for. */
  readonly set: number;
  readonly bucket: Instant;
}

export interface SumQuery extends Pick<AmountQuery, 'grain' | 'window' | 'bucketMs'> {
  /** Disjoint sets of identities. */
  readonly sets: readonly (readonly number[])[];
  /** A table need hold no others; absent: it holds all. */
  readonly figures?: readonly (keyof Amounts | keyof CostSums)[];
}

/**
 * Sums by set and bucket as columns of numbers, those of one set one after the other; NaN: there is none, and where there is no
 * row there is none at all. Money in nano-dollars. Every number is exact.
 */
export interface SumTable {
  /** The start of the first bucket, which may lie before the window. */
  readonly first: Instant;
  readonly buckets: number;
  readonly amounts: Readonly<Record<keyof Amounts, Float64Array>>;
  readonly costs: Readonly<Record<keyof CostSums, Float64Array>>;
}

export interface HoursOfDayQuery extends Pick<SumQuery, 'sets'> {
  /** Whole hours. */
  readonly window: Window;
}

/** Readers return promises, so that a worker thread or a remote engine can serve them. */
export interface UsageReader extends CapacityReader, CalibrationReader {
  identities(): Promise<readonly IdentityRow[]>;
  /** By traffic id, of spans read at a period of at most `periodSeconds`. */
  coverageByTraffic(periodSeconds: number): Promise<ReadonlyMap<number, TrafficCoverage>>;
  amounts(query: AmountQuery): Promise<readonly AmountRow[]>;
  /** What `amounts` says, added up by set: for questions about many identities. Lets other work through while it reads. */
  sums(query: SumQuery): Promise<readonly SumRow[]>;
  /** The same where there are thousands of rows; null where a number would not be exact. Absent: there is no quicker way. */
  sumTable?(query: SumQuery): Promise<SumTable | null>;
  /** Tokens of all types by set and hour of the UTC day, 24 numbers for each set. Absent: `sums` says it too, of every hour. */
  hoursOfDay?(query: HoursOfDayQuery): Promise<readonly Float64Array[]>;
  /** The end of the newest span that was read of anything: nothing is known from there on. Null where nothing was read. */
  readUntil(): Promise<Instant | null>;
  latency(query: AmountQuery): Promise<readonly LatencyRow[]>;
  /** Tells the rows of `latency` in their order; each may be the same object as the one before. */
  eachLatency?(query: AmountQuery, visit: (row: LatencyRow) => void): Promise<void>;
}

/** Tells a ledger that changed from one that did not. */
export interface ChangeReader {
  /** Another text after every change, whoever made it: while it stays the same, so does what the ledger answers. */
  changeMark(): string;
}

export interface RevisionReader {
  /** Revisions after the cursor, oldest first. */
  since(cursor: Sequence, limit: number): Promise<readonly Revision[]>;
}

export interface TargetStatus {
  readonly source: string;
  /** The target's id, or the scope that could not be looked at. */
  readonly target: string;
  readonly cloud: Cloud | null;
  readonly account: string;
  readonly region: string;
  readonly resource: string;
  readonly labels: Labels;
  readonly lastSuccess: Instant | null;
  /** Up to here every meter is read and settled; the end of the newest span without a gap. */
  readonly watermark: Instant | null;
  readonly failure: {
    readonly reason: FailureReason;
    readonly operation: string;
    readonly message: string;
    readonly hint: string;
    readonly at: Instant;
    /** When the first of an unbroken row of failures was. */
    readonly since: Instant;
  } | null;
  readonly series: number;
  readonly units: number;
  readonly nextPoll: Instant | null;
  /** Null before it was first read. */
  readonly cadenceSeconds: number | null;
  /** What of it is slowed for the spend limit's sake, by how much, why, and what to do; null where nothing is. */
  readonly slowed: string | null;
  /** Rejected samples by reason, vanished points, contract violations. */
  readonly irregularities: Readonly<Record<string, number>>;
}

/** The calls of one kind in one scope on one day. */
export interface ApiCallSum {
  readonly source: string;
  /** A target's id, or the scope that was listed. */
  readonly scope: string;
  readonly operation: string;
  readonly calls: number;
  readonly metrics: number;
  readonly costNanoUsd: bigint;
}

export interface StatusReader {
  sources(now: Instant): Promise<readonly TargetStatus[]>;
  /** The bill of the UTC day of that moment: every call of every source, whatever became of it. */
  apiCalls(at: Instant): Promise<readonly ApiCallSum[]>;
}

/** Readings under the vendor's identity, to hold against what the cloud says now. */
export interface ReadingReader {
  /** Every target that is polled, with its units, as it was last listed. */
  targets(): Promise<readonly Target[]>;
  /** Unit key → sorted spans. */
  coverageOf(targetId: string): Promise<ReadonlyMap<string, readonly CoverageSpan[]>>;
  /** Every series of the unit that was ever named, those without a point in the window too. */
  readings(
    targetId: string,
    unitKey: string,
    window: Window,
    periodSeconds: number,
  ): Promise<readonly Readings[]>;
}

/** What a span of minutes put into the ledger, for telling how it grows. */
export interface LedgerIntake {
  /** Of the file as it is now. */
  readonly bytes: number;
  readonly targets: number;
  readonly units: number;
  readonly traffics: number;
  readonly identities: number;
  /** Minutes of usage, all identities together. */
  readonly usageMinutes: number;
  /** Minute readings of the span by what a point carries. */
  readonly series: readonly {
    readonly statistics: number;
    readonly latency: boolean;
    readonly count: number;
    readonly readings: number;
  }[];
}

export interface IntakeReader {
  intake(window: Window): Promise<LedgerIntake>;
}

/** What a verb that only reads needs of a ledger. */
export interface LedgerReader
  extends
    UsageReader,
    StatusReader,
    RevisionReader,
    ReadingReader,
    IntakeReader,
    PriceBookReader,
    BillReader,
    InputContractReader,
    AuditMarkReader,
    EvidenceReader {
  close(): void;
}

/** The ledger of its one writer. */
export interface Ledger
  extends
    LedgerReader,
    ChangeReader,
    UsageWriter,
    DiscoveryWriter,
    CoverageReader,
    StatusWriter,
    RereadBook,
    ApiCallWriter,
    ApiCallReader,
    ApiTotalReader,
    PriceBookWriter,
    CalibrationWriter,
    CapacityWriter,
    BillWriter,
    BillStatusWriter,
    FeedLedger,
    AlertWriter,
    AlertReader,
    OutboxWriter,
    OutboxReader,
    AgeingWriter {}
