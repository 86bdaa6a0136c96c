import type { Config } from '../config/schema.ts';
import type { ScopeFailure } from '../core/collector.ts';
import type { CatalogRow } from '../core/meter.ts';
import { toExternalError } from '../core/errors.ts';
import type { LedgerIntake, LedgerReader } from '../core/store.ts';
import type { Clock } from '../core/time.ts';
import { dayMs, floorTo, hourMs } from '../core/time.ts';
import { headOf } from '../schedule/due.ts';
import { failureText } from './backfill-plan.ts';
import { busiestShape, forecastDisk, forecastSource, seenShape } from './check-forecast.ts';
import type { DiskForecast, ListedSource, SourceForecast } from './check-forecast.ts';
import { limitTime } from './check-rights.ts';
import type { OpenSource } from './check-rights.ts';
import { filledShare } from './filled.ts';
import type { Platform } from './platform.ts';
import {
  billHorizonSecondsOf,
  collectSettingsOf,
  interpretationOf,
  retentionOf,
} from './settings.ts';

export interface DiskOutlook {
  /** Were every meter to report in every minute. */
  readonly busiest: DiskForecast;
  /** If it goes on as in the last 24 h; undefined where the ledger holds less than an hour of them. */
  readonly seen: DiskForecast | undefined;
  /** Of the ledger as it is now; undefined where there is none. */
  readonly bytesNow: number | undefined;
}

/** What is ahead: calls, their cost, and disk. */
export interface Outlook {
  /** Undefined for a source that could not be listed. */
  readonly sources: readonly {
    readonly source: string;
    readonly forecast: SourceForecast | undefined;
  }[];
  /** Undefined where no source could be listed. */
  readonly disk: DiskOutlook | undefined;
  /** Rows of the catalogs of all that was listed, each once; undefined where nothing was. */
  readonly rows: readonly CatalogRow[] | undefined;
  /** What could not be listed, whole sources or part of them. */
  readonly failures: readonly { readonly source: string; readonly text: string }[];
}

/** Lists every source and works out what reading it will come to. What cannot be listed hides nothing of the others. */
export async function forecastAll(
  platform: Platform,
  config: Config,
  sources: readonly OpenSource[],
  clock: Clock,
  withinMs: number,
): Promise<Outlook> {
  const settings = collectSettingsOf(config);
  const retention = retentionOf(config);
  const horizonSeconds = billHorizonSecondsOf(config);
  const late = limitTime(clock, withinMs, platform.signal);
  const failures: { source: string; text: string }[] = [];
  try {
    const listed = await Promise.all(
      sources.map(async ({ collector, bills }): Promise<ListedSource | undefined> => {
        const { name } = collector;
        const tell = (failed: readonly ScopeFailure[]) => {
          for (const { scope, error } of failed) {
            failures.push({ source: name, text: failureText(scope, error) });
          }
        };
        const failed = (thrown: unknown) => {
          const error = toExternalError(late.signal.aborted ? tooLate : thrown, 'list');
          tell([{ scope: name, error }]);
          return undefined;
        };
        const [discovery, billed] = await Promise.all([
          collector.discover(late.signal).catch(failed),
          bills?.scopes(late.signal).catch(failed),
        ]);
        tell([...(discovery?.failures ?? []), ...(billed?.failures ?? [])]);
        if (discovery === undefined) return undefined;
        if (bills === undefined || billed === undefined) return { collector, discovery };
        const { scopes } = billed;
        return { collector, discovery, bills: { collector: bills, scopes, horizonSeconds } };
      }),
    );
    const known = listed.filter((one) => one !== undefined);
    const seen = await seenOf(platform, config, clock);
    const { everySeconds, backfillSeconds } = settings;
    const disk: DiskOutlook = {
      busiest: forecastDisk(
        busiestShape(
          known.map(({ discovery }) => discovery),
          everySeconds,
        ),
        retention,
        backfillSeconds,
      ),
      seen:
        seen === undefined || seen.covered < leastCovered
          ? undefined
          : forecastDisk(
              seenShape(seen.intake, seen.covered, everySeconds),
              retention,
              backfillSeconds,
            ),
      bytesNow: seen?.intake.bytes,
    };
    return {
      sources: sources.map(({ config: { name } }) => {
        const one = known.find(({ collector }) => collector.name === name);
        const forecast = one && forecastSource(one, settings, config.apiSpendLimit, clock.now());
        return { source: name, forecast };
      }),
      disk: known.length === 0 ? undefined : disk,
      rows: known.length === 0 ? undefined : rowsOf(known),
      failures,
    };
  } finally {
    late.done();
  }
}

function rowsOf(listed: readonly ListedSource[]): readonly CatalogRow[] {
  const rows = listed.flatMap(({ discovery }) => discovery.targets.flatMap((one) => one.rows));
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

/** An hour of a day. */
const leastCovered = 1 / 24;

interface Seen {
  readonly intake: LedgerIntake;
  /** How much of the day was read, 0 to 1. */
  readonly covered: number;
}

/** What the ledger took in over the last day; undefined where there is no ledger that can be read. */
async function seenOf(platform: Platform, config: Config, clock: Clock): Promise<Seen | undefined> {
  let reader: LedgerReader;
  try {
    reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  } catch {
    return undefined;
  }
  try {
    const end = floorTo(headOf(clock.now()), hourMs);
    const intake = await reader.intake({ start: end - dayMs, end });
    return { intake, covered: await filledShare(reader, clock.now(), 1) };
  } finally {
    reader.close();
  }
}

const tooLate = new Error('the time for listing was over');
