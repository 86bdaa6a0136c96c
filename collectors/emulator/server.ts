import type { Instant } from '../../agent/core/time.ts';
import { startAws } from './aws/server.ts';
import type { AwsOptions } from './aws/server.ts';
import { startAzure } from './azure/server.ts';
import type { AzureOptions } from './azure/server.ts';
import { demoDefects } from './bill-defects.ts';
import type { BillDefect } from './bill-defects.ts';
import { fastClock } from './clock.ts';
import type { Now } from './clock.ts';
import { startControl } from './control.ts';
import type { Faults } from './faults.ts';
import type { Loopback } from './http.ts';
import type { Traffic } from './lane.ts';
import { scenarioLanes } from './scenario.ts';
import { loadTrace } from './trace.ts';
import { createTraffic } from './traffic.ts';
import { createWorld } from './world.ts';

export interface CloudsOptions {
  /** The emulated time. None: the wall clock, or a fast one where `speed` is given. */
  readonly now?: Now;
  /** How many times faster than the wall clock time passes from `startAt` on. Default 1. */
  readonly speed?: number;
  /** When wall clock and emulated clock agree. Default: now. */
  readonly startAt?: Instant;
  readonly settled?: boolean;
  readonly faults?: Faults;
  /** What is replayed. Default: the recorded hour over the built-in scenario. */
  readonly traffic?: Traffic;
  /** What is wrong with the bills. Default: the one of the demo. */
  readonly defects?: readonly BillDefect[];
  readonly aws?: AwsOptions;
  readonly azure?: AzureOptions;
  /** Of the control server. 0, the default, takes a free one. */
  readonly port?: number;
}

export interface Clouds {
  readonly awsUrl: string;
  readonly azureUrl: string;
  readonly controlUrl: string;
  close(): Promise<void>;
}

async function closeAll(servers: readonly Loopback[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}

/** Both clouds and the control server on 127.0.0.1. Nothing is computed before it is asked for. */
export async function startClouds(options: CloudsOptions = {}): Promise<Clouds> {
  const { speed = 1, startAt = Date.now(), settled, faults } = options;
  const world = createWorld({
    traffic: options.traffic ?? createTraffic(scenarioLanes, loadTrace()),
    now: options.now ?? fastClock(startAt, speed),
    defects: options.defects ?? demoDefects,
    ...(settled === undefined ? {} : { settled }),
    ...(faults === undefined ? {} : { faults }),
  });
  const started: Loopback[] = [];
  const keep = (server: Loopback): Loopback => {
    started.push(server);
    return server;
  };
  try {
    const aws = keep(await startAws(world, options.aws));
    const azure = keep(await startAzure(world, options.azure));
    const control = keep(await startControl(world, options.port ?? 0));
    return {
      awsUrl: aws.url,
      azureUrl: azure.url,
      controlUrl: control.url,
      close: () => closeAll(started),
    };
  } catch (error) {
    await closeAll(started);
    throw error;
  }
}
