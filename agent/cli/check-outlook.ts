import type { Config } from '../config/schema.ts';
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
import { collectSettingsOf, interpretationOf, retentionOf } from './settings.ts';

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
  const late = limitTime(clock, withinMs, platform.signal);
  const failures: { source: string; text: string }[] = [];
  try {
    const listed = await Promise.all(
      sources.map(({ collector }) =>
        collector.discover(late.signal).then(
          (discovery): ListedSource => {
            for (const { scope, error } of discovery.failures) {
              failures.push({ source: collector.name, text: failureText(scope, error) });
            }
            return { collector, discovery };
          },
          (thrown: unknown) => {
            const why = late.signal.aborted ? tooLate : thrown;
            const text = failureText(collector.name, toExternalError(why, 'list'));
            failures.push({ source: collector.name, text });
          },
        ),
      ),
    );
    const known = listed.filter((one) => one !== undefined);
    const seen = await seenOf(platform, config, clock);
    const { everySeconds } = settings;
    const disk: DiskOutlook = {
      busiest: forecastDisk(
        busiestShape(
          known.map(({ discovery }) => discovery),
          everySeconds,
        ),
        retention,
      ),
      seen:
        seen === undefined || seen.covered < leastCovered
          ? undefined
          : forecastDisk(seenShape(seen.intake, seen.covered, everySeconds), retention),
      bytesNow: seen?.intake.bytes,
    };
    return {
      sources: sources.map(({ config: { name } }) => {
        const one = known.find(({ collector }) => collector.name === name);
        const forecast = one && forecastSource(one, settings, config.apiSpendLimit, clock.now());
        return { source: name, forecast };
      }),
      disk: known.length === 0 ? undefined : disk,
      failures,
    };
  } finally {
    late.done();
  }
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
