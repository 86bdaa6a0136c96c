import type { Config } from '../config/schema.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import type { Interpretation } from '../core/usage.ts';
import { createInterpretation } from '../normalize/interpret.ts';
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
  return createInterpretation(new Map(Object.entries(config.models.aliases)), config.contracts);
}

export function collectSettingsOf(config: Config): CollectSettings {
  const { everySeconds, overlapSeconds, backfillSeconds } = config.poll;
  const minutes = config.retention.minuteSeconds;
  return {
    everySeconds,
    overlapSeconds,
    backfillSeconds: backfillSeconds === 'auto' ? autoBackfillSeconds(config) : backfillSeconds,
    minuteRetentionSeconds: minutes === 'forever' ? Number.MAX_SAFE_INTEGER / 1_000 : minutes,
    discoverySeconds: Math.min(900, Math.max(60, everySeconds * 3)),
  };
}

/** The longest budget period, so that a budget's whole period is known; at least 14 days. */
function autoBackfillSeconds(config: Config): number {
  const periods = config.budgets.map((budget) => longestPeriodSeconds[budget.period] ?? 0);
  return Math.max(leastBackfillSeconds, ...periods);
}
