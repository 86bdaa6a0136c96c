import type { Platform } from './platform.ts';
import { startAgent } from './agent.ts';
import { notYet } from './not-yet.ts';
import { readConfig } from './settings.ts';

/** `crossbill run`: until Ctrl-C. */
export async function runVerb(platform: Platform, configPath: string): Promise<number> {
  const loaded = readConfig(platform, configPath);
  const log = platform.createLog(loaded.config.log);
  for (const remark of notYet(loaded)) log.warn(remark);
  const clock = platform.createClock();
  const agent = await startAgent(platform, loaded, clock, log, false);
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

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
