import { canonicalNames } from '../../../../agent/cli/price-lists.ts';
import type { ApiCall, ApiMeter } from '../../../../agent/core/api-call.ts';
import type { BillCollector, BillScope, BillSource } from '../../../../agent/core/bill.ts';
import { dayMs } from '../../../../agent/core/time.ts';
import { createAwsBillCollector } from '../../../../collectors/aws/bills/index.ts';
import type { AwsBillDeps, MeaningOptions } from '../../../../collectors/aws/bills/index.ts';
import type { AwsConfig } from '../../../../collectors/aws/config.ts';
import { awsAccess } from '../../../../collectors/emulator/aws/access.ts';
import { startClouds } from '../../../../collectors/emulator/server.ts';
import type { CloudsOptions } from '../../../../collectors/emulator/server.ts';

export const canonicalOf: MeaningOptions['canonicalOf'] = canonicalNames.aws_price_list;
export const never: AbortSignal = new AbortController().signal;
/** Noon of a Wednesday in the middle of a month, on the clock of agent and cloud. */
export const now = Date.UTC(2026, 10, 18, 12);
export const today = Date.UTC(2026, 10, 18);
export const own = '111122223333';
export const other = '444455556666';

/** Days before today, `[today - from, today - to)`. */
export function daysAgo(from: number, to: number) {
  return { start: today - from * dayMs, end: today - to * dayMs };
}

/** Lets everything go and keeps what went. */
export function countingMeter(): { readonly meter: ApiMeter; readonly calls: ApiCall[] } {
  const calls: ApiCall[] = [];
  const meter: ApiMeter = {
    admit: (call) => {
      calls.push(call);
      return Promise.resolve(() => undefined);
    },
  };
  return { meter, calls };
}

export function billCollector(
  endpoint: string,
  config: Partial<AwsConfig> = {},
  deps: Partial<AwsBillDeps> = {},
): BillCollector {
  return createAwsBillCollector(
    { name: 'prod', regions: ['us-east-1'], roles: [], endpoint, linkedAccounts: false, ...config },
    {
      clock: { now: () => now },
      credentials: async () => ({
        accessKeyId: awsAccess.accessKeyId,
        secretAccessKey: awsAccess.secretAccessKey,
      }),
      canonicalOf,
      ...deps,
    },
  );
}

export async function scopeOf(
  collector: BillCollector,
  source: BillSource,
  account: string = own,
): Promise<BillScope> {
  const { scopes } = await collector.scopes(never);
  const scope = scopes.find((one) => one.source === source && one.account === account);
  if (scope === undefined) throw new Error(`There is no scope ${source} of ${account}.`);
  return scope;
}

/** A collector before an emulated AWS whose clock stands at `now`, both closed afterwards. */
export async function withBills<Result>(
  clouds: CloudsOptions,
  run: (collector: BillCollector) => Promise<Result>,
  config: Partial<AwsConfig> = {},
  deps: Partial<AwsBillDeps> = {},
): Promise<Result> {
  const started = await startClouds({ now: () => now, defects: [], ...clouds });
  const collector = billCollector(started.awsUrl, config, deps);
  try {
    return await run(collector);
  } finally {
    await collector.close();
    await started.close();
  }
}
