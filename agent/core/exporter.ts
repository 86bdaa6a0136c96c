import type { BilledFeed, BilledPage } from './billed-feed.ts';
import type { FailureReason } from './errors.ts';
import type { CostSums, NamedTraffic } from './ledger-rows.ts';
import type { Phase } from './meter.ts';
import type { Instant, Window } from './time.ts';
import type { Amounts } from './usage.ts';

/**
 * What usage was called when it was told: what the other side keeps a series of. A traffic that is renamed later is told
 * under another name from then on, and what was told under the old one stays there, so that no total of a name ever falls.
 */
export interface ToldName extends NamedTraffic {
  /** Stable over restarts; the same for every feed. */
  readonly id: number;
  readonly trafficId: number;
  /** As the meter names what was asked: a model id or a profile's ARN on AWS, the deployment on Azure. */
  readonly meteredModel: string;
}

/** What is told of one name in one settled period: a minute, or an hour where minutes are not known. */
export interface SettledPoint extends Window {
  readonly nameId: number;
  readonly amounts: Amounts;
  /** By the prices of this moment. A page that is told twice says the same unless the ledger changed in between. */
  readonly costs: CostSums;
}

/** Latency of one name in one settled period, where the cloud counts what it averages. */
export interface LatencyPoint extends Window {
  readonly nameId: number;
  readonly phase: Phase;
  readonly count: number;
  readonly sumMs: number;
  readonly minMs: number | null;
  readonly maxMs: number | null;
}

/** Sums since the feed began. Null: nothing of the kind was ever told, which is not zero. */
export interface FeedSums extends CostSums {
  readonly amounts: Amounts;
}

/** All that was told of a name; no number in it ever falls. */
export interface ToldTotal extends FeedSums {
  readonly name: ToldName;
  /** The newest end of a period in it: what is told late may not set a cumulative sum back in time. */
  readonly until: Instant;
  /** Requests less failed ones, period by period and never below zero. */
  readonly succeeded: number | null;
}

/**
 * What the ledger says now of everything that was told, less what was told; positive or negative. Late data, restated
 * meters, new prices and renamed traffic are in it. `nameId` may be one that nothing was told under.
 */
export interface Correction extends FeedSums {
  readonly name: ToldName;
}

/** Settled periods that are told together, oldest first within a name. */
export interface SettledPage {
  readonly feed: string;
  /** When the feed began: where cumulative sums start, whatever they are of. */
  readonly since: Instant;
  /** Which page of the feed it is; the same page told twice has the same number. */
  readonly number: number;
  /** Every name that the points are of. */
  readonly names: readonly ToldName[];
  /** None where all of its periods were silent: then there is nothing to send, and still it is done. */
  readonly points: readonly SettledPoint[];
  readonly latencies: readonly LatencyPoint[];
  /** By name id: what was told before this page; absent: nothing was. */
  readonly before: ReadonlyMap<number, ToldTotal>;
  /** By traffic: the periods it tells, the silent ones too. */
  readonly spans: readonly { readonly trafficId: number; readonly windows: readonly Window[] }[];
  /** The newest revision that the points know of. */
  readonly sequence: number;
}

/**
 * Tells each settled period of each traffic once, whatever is down meanwhile: a period is told when its page is done, a gap
 * that fills late is told late, and a period that changes after it was told is a correction.
 */
export interface SettledFeed {
  readonly name: string;
  /** Its first start: no period that began before is told, for backfill is no news. */
  readonly since: Instant;
  /**
   * The next page of about `limit` points; undefined: everything that is settled has been told. Asked again before it is
   * done, the page begins with the same periods.
   */
  next(limit: number): SettledPage | undefined;
  /** The other side has it: one transaction. Doing a page twice changes nothing. */
  done(page: SettledPage): void;
  totals(): readonly ToldTotal[];
  /** Of every name that has any. */
  corrections(): readonly Correction[];
}

export interface FeedOptions {
  /** Where the feed is new: also tells what is known since then. */
  readonly replayFrom?: Instant | undefined;
  /** Whether pages carry latencies; absent: they do. */
  readonly latencies?: boolean;
}

export interface FeedLedger {
  /**
   * @param name which exporter it is for; it finds its own place again under that name
   * @param at now, where the feed is new
   */
  openFeed(name: string, at: Instant, options?: FeedOptions): SettledFeed;
  /**
   * Days that began before the feed of that name did are not told.
   * @param name of a feed that was opened
   */
  openBilledFeed(name: string): BilledFeed;
}

/** What the other side did not want of a page it took. */
export interface ExportOutcome {
  readonly rejected: number;
  /** The other side's word on why; empty where it took all. */
  readonly message: string;
}

/** Sends pages to one other side. Holds no queue and no retry loop. */
export interface MetricsExporter {
  /** The name of its feed: unique in the agent, stable over restarts. */
  readonly name: string;
  /**
   * Resolves only when the other side has the page; asks for the corrections where it sends any.
   * @throws ExternalError where it has not
   */
  export(page: SettledPage, signal: AbortSignal): Promise<ExportOutcome>;
  /** The same for what was billed; absent: it tells none of it. */
  exportBilled?(page: BilledPage, signal: AbortSignal): Promise<ExportOutcome>;
  close(): Promise<void>;
}

/** How an exporter fares, since the process began. */
export interface ExporterStatus {
  readonly name: string;
  /** When the other side last took a page, or there was none to take; null before. */
  readonly lastSuccess: Instant | null;
  /** Since when it has been failing without a success; null while it does not. */
  readonly failingSince: Instant | null;
  /** The last one of those; null while it does not fail. */
  readonly failure: {
    readonly reason: FailureReason;
    readonly operation: string;
    readonly message: string;
    readonly hint: string;
    readonly at: Instant;
  } | null;
  /** When it is tried again; null while it does not fail. */
  readonly nextTry: Instant | null;
  readonly failures: number;
  readonly points: number;
  /** Of them, those that the other side would not have. They are not sent again. */
  readonly rejected: number;
}
