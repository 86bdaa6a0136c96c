import type { LoadedConfig } from '../config/load.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { startAgent } from './agent.ts';
import type { RunningAgent } from './agent.ts';
import { notYet } from './not-yet.ts';
import type { Platform } from './platform.ts';
import { readConfig } from './settings.ts';

/** `crossbill run`: until Ctrl-C. */
export async function runVerb(platform: Platform, configPath: string): Promise<number> {
  const loaded = readConfig(platform, configPath);
  const log = platform.createLog(loaded.config.log);
  for (const remark of notYet(loaded)) log.warn(remark);
  const clock = platform.createClock();
  const agent = await startUnlessStopped(platform, loaded, clock, log);
  if (agent === undefined) return 0;
  log.info('crossbill is running', {
    version: platform.version,
    url: agent.url,
    ledger: loaded.config.ledger.path,
    sources: loaded.config.sources.map((source) => source.name),
  });
  await aborted(platform.signal);
  log.info('stopping');
  await agent.stop();
  return 0;
}

/** Undefined where Ctrl-C came first, while another process still held the ledger. */
async function startUnlessStopped(
  platform: Platform,
  loaded: LoadedConfig,
  clock: Clock,
  log: Log,
): Promise<RunningAgent | undefined> {
  try {
    return await startAgent(platform, loaded, clock, log, false);
  } catch (error) {
    if (error !== platform.signal.reason) throw error;
    return undefined;
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
