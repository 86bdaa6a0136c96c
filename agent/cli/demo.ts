import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger } from '../core/store.ts';
import type { Clock } from '../core/time.ts';
import { startAgent } from './agent.ts';
import { demoConfig } from './demo-config.ts';
import type { Platform } from './platform.ts';
import { aborted } from './run.ts';
import { loadConfig } from '../config/load.ts';
import { filledShare } from './filled.ts';
import { startProgress } from './progress.ts';

export interface DemoOptions {
  readonly listen: string;
  /** How many times as fast as the wall clock the demo's world runs. */
  readonly speed: number;
}

/** `crossbill demo`: the agent against the built-in clouds, with a ledger that goes when it stops. */
export async function demoVerb(platform: Platform, options: DemoOptions): Promise<number> {
  const since = Date.now();
  const clock = platform.createClock(options.speed, since);
  const clouds = await platform.startClouds({ speed: options.speed, since });
  const directory = mkdtempSync(join(tmpdir(), 'crossbill-demo-'));
  try {
    const path = join(directory, 'crossbill.yaml');
    writeFileSync(path, demoConfig(clouds, options.listen));
    const loaded = loadConfig(path, { env: platform.env });
    const log = platform.createLog(loaded.config.log, { demo: true });
    const agent = await startAgent(platform, loaded, clock, log, true);
    platform.out.write(welcome(agent.url, path, clouds.controlUrl));
    await fill(platform, agent.ledger, clock);
    await aborted(platform.signal);
    await agent.stop();
    return 0;
  } finally {
    await clouds.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function welcome(url: string, config: string, controlUrl: string): string {
  return [
    'DEMO  A recorded production hour, replayed by built-in clouds. No credentials, no network, a temporary ledger.',
    `DEMO  API       ${url}/api/v1/usage?group_by=cloud,model&step=1d`,
    `DEMO  Sources   ${url}/api/v1/sources`,
    `DEMO  Truth     ${controlUrl}/truth?group_by=cloud,model&step=1d   what the replay itself counted`,
    `DEMO  Report    crossbill report --config ${config}`,
    '',
  ].join('\n');
}

/** Tells how much of the 14 days is read, then that all of it is. */
async function fill(platform: Platform, ledger: Ledger, clock: Clock): Promise<void> {
  const started = Date.now();
  const hours = 14 * 24;
  const progress = startProgress(
    platform.err,
    hours,
    'DEMO  filling 14 days by the hour, newest first',
  );
  for (;;) {
    const share = await filledShare(ledger, clock.now(), 14);
    progress.update(Math.floor(share * hours));
    if (share >= 1 || platform.signal.aborted) break;
    await platform.createClock().sleep(500, platform.signal);
  }
  progress.stop();
  if (platform.signal.aborted) return;
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  platform.out.write(
    `DEMO  ready: 14 days filled in ${seconds} s; live from here. Ctrl-C stops.\n`,
  );
}
