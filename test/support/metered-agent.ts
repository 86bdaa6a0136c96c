import type { ApiCall, ApiMeter } from '../../agent/core/api-call.ts';
import { createApp } from '../../agent/app.ts';
import { silentLog } from '../../agent/core/log.ts';
import type { Ledger } from '../../agent/core/store.ts';
import { noTracer } from '../../agent/core/tracer.ts';
import type { Instant } from '../../agent/core/time.ts';
import { createInterpretation } from '../../agent/normalize/interpret.ts';
import { createApiMeter } from '../../agent/schedule/api-meter.ts';
import type { CollectSettings } from '../../agent/schedule/collect.ts';
import { createSpendLimits } from '../../agent/schedule/spend-limits.ts';
import { canonicalNames } from '../../agent/cli/price-lists.ts';
import { createAwsBillCollector } from '../../collectors/aws/bills/index.ts';
import { createAwsCollector } from '../../collectors/aws/index.ts';
import { createAzureBillCollector } from '../../collectors/azure/bills/index.ts';
import { createAzureCollector } from '../../collectors/azure/index.ts';
import type { Traffic } from '../../collectors/emulator/lane.ts';
import { startClouds } from '../../collectors/emulator/server.ts';
import { openLedger } from '../../exporters/sqlite/ledger.ts';
import { createFakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

/** A call that was let go, and when. */
export interface Gone extends ApiCall {
  readonly at: Instant;
}

/** The agent's own loops before both built-in clouds, every call metered, on a clock that the test moves. */
export interface MeteredAgent {
  readonly clock: FakeClock;
  readonly ledger: Ledger;
  /** Every call that was let go, in order. */
  readonly calls: readonly Gone[];
  stop(): Promise<void>;
}

export interface MeteredBills {
  /** Whether bills are asked for too. */
  readonly bills?: boolean;
  readonly dayRetentionSeconds?: number;
}

/** Answers come in while the clock stands still; it moves on when no call is under way. */
export async function startMeteredAgent(
  start: Instant,
  traffic: Traffic,
  change: Partial<CollectSettings> = {},
  { bills = false, dayRetentionSeconds = Infinity }: MeteredBills = {},
): Promise<MeteredAgent> {
  let underWay = 0;
  const idle = async () => {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      if (underWay > 0) quiet = 0;
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  };
  const clock = createFakeClock(start, idle);
  const clouds = await startClouds({ traffic, now: () => clock.now(), settled: true });
  const interpretation = createInterpretation(new Map(), {
    openaiInputIncludesCached: true,
    bedrockInvocations: 'accepted',
  });
  const ledger = openLedger(':memory:', interpretation, start);
  const limits = createSpendLimits('auto');
  const inner = createApiMeter({ clock, ledger, limits });
  const calls: Gone[] = [];
  const meter: ApiMeter = {
    async admit(call, signal) {
      const ended = await inner.admit(call, signal);
      calls.push({ ...call, at: clock.now() });
      underWay += 1;
      return () => {
        underWay -= 1;
        ended();
      };
    },
  };
  const credentials = () =>
    Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'rehearsal' });
  const regions = ['us-east-1', 'us-west-2', 'eu-central-1'];
  const aws = { regions, linkedAccounts: false, endpoint: clouds.awsUrl };
  const arn = 'arn:aws:iam::444455556666:role/crossbill';
  const deps = { clock, credentials, meter };
  const azure = {
    name: 'azure',
    credential: { kind: 'static_token', token: () => 'rehearsal' },
    endpoint: clouds.azureUrl,
  } as const;
  const own = { ...aws, name: 'aws', roles: [] };
  const search = { ...aws, name: 'aws-search', roles: [{ arn }] };
  const ofAws = { ...deps, canonicalOf: canonicalNames.aws_price_list };
  const canonicalOf = canonicalNames.azure_retail_prices;
  const app = createApp({
    clock,
    log: silentLog,
    tracer: noTracer,
    ledger,
    collectors: [
      createAwsCollector(own, deps),
      createAwsCollector(search, deps),
      createAzureCollector(azure, { now: () => clock.now(), meter }),
    ],
    bills: bills
      ? [
          createAwsBillCollector(own, ofAws),
          createAwsBillCollector(search, ofAws),
          createAzureBillCollector(azure, { now: () => clock.now(), meter, canonicalOf }),
        ]
      : [],
    settings: {
      everySeconds: 300,
      discoverySeconds: 900,
      overlapSeconds: 1_800,
      backfillSeconds: 86_400,
      minuteRetentionSeconds: 15 * 86_400,
      ...change,
    },
    retention: {
      minuteSeconds: 15 * 86_400,
      hourSeconds: dayRetentionSeconds,
      daySeconds: dayRetentionSeconds,
    },
    random: () => 0.5,
    limits,
  });
  app.start();
  return {
    clock,
    ledger,
    calls,
    async stop() {
      await app.stop();
      await clouds.close();
      ledger.close();
    },
  };
}
