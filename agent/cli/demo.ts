import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLoopback, parseListen } from '../config/addresses.ts';
import { loadConfig } from '../config/load.ts';
import type { Ledger } from '../core/store.ts';
import type { Clock, Instant } from '../core/time.ts';
import { dayMs, floorTo, isoUtc } from '../core/time.ts';
import { startAgent } from './agent.ts';
import { demoConfig } from './demo-config.ts';
import type { Platform } from './platform.ts';
import { aborted } from './run.ts';
import { filledShare } from './filled.ts';
import { startProgress } from './progress.ts';
import { WrongUseError } from './wrong-use.ts';

export interface DemoOptions {
  readonly listen: string;
  /** How many times as fast as the wall clock the demo's world runs. */
  readonly speed: number;
}

/** `crossbill demo`: the agent against the built-in clouds, with a ledger that goes when it stops. */
export async function demoVerb(platform: Platform, options: DemoOptions): Promise<number> {
  const address = parseListen(options.listen);
  if (address === undefined || !isLoopback(address.host)) {
    throw new WrongUseError(
      `--listen: ${JSON.stringify(options.listen)} is no address of this machine alone, and the demo listens nowhere else; write 127.0.0.1:9870, or 127.0.0.1:0 for any free port`,
    );
  }
  const since = Date.now();
  const clock = platform.createClock(options.speed, since);
  const clouds = await platform.startClouds({ speed: options.speed, since });
  let directory: string | undefined;
  try {
    directory = mkdtempSync(join(tmpdir(), 'crossbill-demo-'));
    const path = join(directory, 'crossbill.yaml');
    writeFileSync(path, demoConfig(clouds, options.listen));
    const loaded = loadConfig(path, { env: platform.env });
    const log = platform.createLog(loaded.config.log, { demo: true });
    const agent = await startAgent(platform, loaded, clock, log, true);
    try {
      platform.out.write(welcome(agent.url, path, clouds.controlUrl, clock.now()));
      await fill(platform, agent.ledger, clock);
      await aborted(platform.signal);
    } finally {
      await agent.stop();
    }
    return 0;
  } finally {
    await clouds.stop();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  }
}

function welcome(url: string, config: string, controlUrl: string, now: Instant): string {
  const midnight = floorTo(now, dayMs);
  const [from, to] = [midnight - 7 * dayMs, midnight].map((at) => isoUtc(at).slice(0, 10));
  const query = `group_by=cloud,model&step=total&from=${from}&to=${to}`;
  return [
    'DEMO  A recorded production hour, replayed by built-in clouds.',
    'DEMO  No credentials, no network, and a temporary ledger that goes when this stops.',
    `DEMO  API       ${url}/api/v1/usage?${query}`,
    `DEMO  Sources   ${url}/api/v1/sources`,
    `DEMO  Truth     ${controlUrl}/truth?${query}`,
    `DEMO  Report    crossbill report --config ${config}`,
    'DEMO  Truth is what the replay itself counted; once all is filled, the API says the same.',
    '',
  ].join('\n');
}

/** Tells how much of the 15 days is read, then that all of it is. */
async function fill(platform: Platform, ledger: Ledger, clock: Clock): Promise<void> {
  const started = Date.now();
  const hours = 14 * 24;
  const progress = startProgress(platform.err, hours, `DEMO  filling ${hours} hours, newest first`);
  try {
    for (;;) {
      const share = await filledShare(ledger, clock.now(), 14);
      progress.update(Math.floor(share * hours));
      if (share >= 1 || platform.signal.aborted) break;
      await platform.createClock().sleep(500, platform.signal);
    }
  } finally {
    progress.stop();
  }
  if (platform.signal.aborted) return;
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  platform.out.write(
    `DEMO  ready: 15 days filled in ${seconds} s; live from here. Ctrl-C stops.\n`,
  );
}
