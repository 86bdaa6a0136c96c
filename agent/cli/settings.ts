import type { Config } from '../config/schema.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import type { LedgerRetention } from '../core/store.ts';
import type { Interpretation } from '../core/usage.ts';
import { createInterpretation } from '../normalize/interpret.ts';
import { billsBackSeconds } from '../schedule/bill-due.ts';
import type { CollectSettings } from '../schedule/collect.ts';
import type { Platform } from './platform.ts';

const daySeconds = 86_400;
const leastBackfillSeconds = 14 * daySeconds;
const longestPeriodSeconds: Readonly<Record<string, number>> = {
  day: daySeconds,
  week: 7 * daySeconds,
  month: 31 * daySeconds,
  quarter: 92 * daySeconds,
};

export function readConfig(platform: Platform, path: string): LoadedConfig {
  return loadConfig(path, { env: platform.env });
}

/** Who traffic is and what its meters mean, as this configuration says. */
export function interpretationOf(config: Config): Interpretation {
  // Whether a switch was written down changes nothing of what the ledger holds.
  const { openaiInputConfirmed: _, ...switches } = config.contracts;
  return createInterpretation(new Map(Object.entries(config.models.aliases)), switches);
}

export function collectSettingsOf(config: Config): CollectSettings {
  const { everySeconds, overlapSeconds, backfillSeconds } = config.poll;
  const { minuteSeconds, hourSeconds } = retentionOf(config);
  return {
    everySeconds,
    overlapSeconds,
    backfillSeconds: backfillSeconds === 'auto' ? autoBackfillSeconds(config) : backfillSeconds,
    minuteRetentionSeconds: minuteSeconds,
    hourRetentionSeconds: hourSeconds,
    discoverySeconds: Math.min(900, Math.max(60, everySeconds * 3)),
  };
}

/** How long each grain is kept. Minutes that every poll reads again are kept for an hour after that, at least. */
export function retentionOf({ retention, poll }: Config): LedgerRetention {
  const least = poll.overlapSeconds + 3_600;
  return {
    minuteSeconds: Math.max(least, seconds(retention.minuteSeconds)),
    hourSeconds: Math.max(least, seconds(retention.hourSeconds)),
    daySeconds: Math.max(least, seconds(retention.daySeconds)),
  };
}

/** An open month and the days in which it is corrected. */
const leastBillsBackSeconds = 35 * daySeconds;

/**
 * How far back bills are asked for: thirteen months, or what `poll.backfill` says in so many words, a month at least; no
 * further than days are kept.
 */
export function billHorizonSecondsOf(config: Config): number {
  const { backfillSeconds } = config.poll;
  const wanted =
    backfillSeconds === 'auto'
      ? billsBackSeconds
      : Math.min(billsBackSeconds, Math.max(leastBillsBackSeconds, backfillSeconds));
  return Math.min(wanted, retentionOf(config).daySeconds);
}

function seconds(kept: number | 'forever'): number {
  return kept === 'forever' ? Infinity : kept;
}

/** The longest budget period, so that a budget's whole period is known; at least 14 days. */
function autoBackfillSeconds(config: Config): number {
  const periods = config.budgets.map((budget) => longestPeriodSeconds[budget.period] ?? 0);
  return Math.max(leastBackfillSeconds, ...periods);
}
