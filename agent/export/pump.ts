import { backoffMs } from '../core/backoff.ts';
import type { BackoffSettings } from '../core/backoff.ts';
import type { BilledFeed } from '../core/billed-feed.ts';
import { toExternalError } from '../core/errors.ts';
import type { ExternalError } from '../core/errors.ts';
import type {
  ExporterStatus,
  ExportOutcome,
  MetricsExporter,
  SettledFeed,
} from '../core/exporter.ts';
import type { Log } from '../core/log.ts';
import type { Clock, Instant } from '../core/time.ts';
import { isoUtc, minuteMs } from '../core/time.ts';

export interface PumpDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly feed: SettledFeed;
  readonly exporter: MetricsExporter;
  /** What was billed, for an exporter that tells it. */
  readonly billed?: BilledFeed | undefined;
  /** In [0, 1). */
  readonly random: () => number;
  /** Points a page, about. */
  readonly pagePoints?: number;
}

export interface Pump {
  status(): ExporterStatus;
  /** Resolves once the signal has aborted and the exporter is closed. */
  run(signal: AbortSignal): Promise<void>;
}

/** Between two looks for what has settled meanwhile. */
const lookAgainMs = minuteMs;
const mostPoints = 2_000;
/** After a failure nothing is sent until the wait is over; its first page is the trial. */
const waits: BackoffSettings = { firstMs: 2_000, mostMs: 5 * minuteMs };

/**
 * Carries a feed to one exporter, page after page. A page that fails is sent again until it is taken, and whatever settles
 * meanwhile waits behind it in the ledger: an outage of any length loses nothing and grows nothing. An outage is in the log
 * once when it begins and once when it is over.
 */
export function createPump(deps: PumpDeps): Pump {
  const { clock, log, feed, billed, exporter, random, pagePoints = mostPoints } = deps;
  let lastSuccess: Instant | null = null;
  let failingSince: Instant | null = null;
  let failure: ExporterStatus['failure'] = null;
  let nextTry: Instant | null = null;
  let inARow = 0;
  let failures = 0;
  let points = 0;
  let rejected = 0;
  let passedOver = '';

  /** False: everything has been told. */
  async function sendOne(signal: AbortSignal): Promise<boolean> {
    return (await sendSettled(signal)) || (await sendBilled(signal));
  }

  async function sendSettled(signal: AbortSignal): Promise<boolean> {
    const page = feed.next(pagePoints);
    if (page === undefined) return false;
    const size = page.points.length + page.latencies.length;
    const outcome = size === 0 ? undefined : await exporter.export(page, signal);
    feed.done(page);
    if (outcome !== undefined) count(size, outcome);
    return true;
  }

  async function sendBilled(signal: AbortSignal): Promise<boolean> {
    if (billed === undefined || exporter.exportBilled === undefined) return false;
    const page = await billed.next(pagePoints);
    tellPassedOver(billed.otherCurrencies());
    if (page === undefined) return false;
    const outcome = await exporter.exportBilled(page, signal);
    billed.done(page);
    count(page.points.length, outcome);
    return true;
  }

  function tellPassedOver(otherCurrencies: readonly string[]): void {
    const currencies = otherCurrencies.join(', ');
    if (currencies === passedOver) return;
    passedOver = currencies;
    log.warn('billed amounts that are no dollars are not exported', {
      exporter: exporter.name,
      currencies,
      hint: 'The metric is in dollars and nothing is converted; /api/v1/billed has every currency.',
    });
  }

  function count(size: number, outcome: ExportOutcome): void {
    points += size;
    if (outcome.rejected === 0) return;
    rejected += outcome.rejected;
    log.warn('an exporter did not take all points', {
      exporter: exporter.name,
      rejected: outcome.rejected,
      of: size,
      message: outcome.message,
      hint: 'They are not sent again. The other side says why; crossbill_exporter_rejected_points_total counts them.',
    });
  }

  function succeed(): void {
    lastSuccess = clock.now();
    if (failingSince !== null) {
      log.info('an exporter is through again', {
        exporter: exporter.name,
        failingSince: isoUtc(failingSince),
        failures: inARow,
      });
    }
    failingSince = null;
    failure = null;
    nextTry = null;
    inARow = 0;
  }

  function fail(error: ExternalError): number {
    failures += 1;
    inARow += 1;
    const wait = backoffMs(error, inARow, random(), waits);
    const { reason, operation, message, hint } = error;
    failure = { reason, operation, message, hint, at: clock.now() };
    nextTry = clock.now() + wait;
    if (failingSince === null) {
      failingSince = clock.now();
      log.error('an exporter fails', {
        exporter: exporter.name,
        reason,
        operation,
        message,
        hint: `${hint} Nothing is lost: it is tried again until it gets through.`,
        nextTry: isoUtc(nextTry),
      });
    }
    return wait;
  }

  return {
    status: () => ({
      name: exporter.name,
      lastSuccess,
      failingSince,
      failure,
      nextTry,
      failures,
      points,
      rejected,
    }),
    async run(signal) {
      while (!signal.aborted) {
        let wait = 0;
        try {
          const more = await sendOne(signal);
          succeed();
          wait = more ? 0 : lookAgainMs;
        } catch (thrown) {
          if (signal.aborted) break;
          wait = fail(toExternalError(thrown, `export ${exporter.name}`));
        }
        // Even with more to send: whoever else waits for the ledger comes in between.
        await clock.sleep(wait, signal);
      }
      await exporter.close();
    },
  };
}
