import type { BillScope, BillScopes } from '../../../agent/core/bill.ts';
import type { ScopeFailure } from '../../../agent/core/collector.ts';
import { ExternalError, toExternalError } from '../../../agent/core/errors.ts';
import { dayMs, hourMs, secondMs } from '../../../agent/core/time.ts';
import type { AwsApi, Place } from '../client.ts';
import type { AwsConfig } from '../config.ts';
import { reach } from '../discover.ts';
import type { Reached } from '../discover.ts';
import { mapPooled } from '../pool.ts';
import { listEstimated } from './estimated-series.ts';

/** Where both sources are asked, whatever region was used. */
export const billRegion = 'us-east-1';
const accountsAtOnce = 4;
const day = dayMs / secondMs;

/** What each source is, beside whose. */
const sources = {
  /** Thirteen months are kept, and refreshed at least once a day; today and yesterday come in several times. */
  aws_cost_explorer: {
    reachSeconds: 395 * day,
    everySeconds: (8 * hourMs) / secondMs,
    longestSeconds: 31 * day,
  },
  /** A listing forgets what was silent for two weeks. Posted every four to six hours. */
  aws_estimated_charges: {
    reachSeconds: 15 * day,
    everySeconds: (6 * hourMs) / secondMs,
    longestSeconds: 31 * day,
  },
} as const satisfies Partial<Record<BillScope['source'], unknown>>;

/**
 * Of each account both sources: Cost Explorer without asking, for asking costs, and the estimated charges where there are any
 * billing metrics. An account that cannot be signed in to is a failure; throws the first when none can.
 */
export async function billScopes(
  config: AwsConfig,
  api: AwsApi,
  signal: AbortSignal,
): Promise<BillScopes> {
  const reached = await mapPooled(api.accesses, accountsAtOnce, (access) =>
    reach(config, api, access, signal),
  );
  const failures: ScopeFailure[] = reached.filter((one) => 'error' in one);
  const open = reached.flatMap((one) => ('error' in one ? [] : [one]));
  const [first] = failures;
  if (first !== undefined && open.length === 0) throw first.error;
  const found = await mapPooled(open, accountsAtOnce, (one) => scopesOf(config, api, one, signal));
  return {
    scopes: found.flatMap(({ scopes }) => scopes),
    failures: [...failures, ...found.flatMap((one) => one.failures)],
  };
}

async function scopesOf(
  config: AwsConfig,
  api: AwsApi,
  { access, account }: Reached,
  signal: AbortSignal,
): Promise<BillScopes> {
  const scope = `${config.name}/${account}`;
  const costs: BillScope = {
    source: 'aws_cost_explorer',
    scope,
    account,
    ...sources.aws_cost_explorer,
  };
  const estimated: BillScope = {
    source: 'aws_estimated_charges',
    scope,
    account,
    ...sources.aws_estimated_charges,
  };
  try {
    const place = { access, region: billRegion, account, scope };
    const { any } = await listEstimated(api, place, signal);
    return { scopes: any ? [costs, estimated] : [costs], failures: [] };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const error = toExternalError(thrown, 'cloudwatch:ListMetrics');
    return { scopes: [costs], failures: [{ scope: `${scope}/estimated-charges`, error }] };
  }
}

/** Own credentials ask whatever they were found with; a role asks for its account. */
export function placeOf(config: AwsConfig, api: AwsApi, { scope, account }: BillScope): Place {
  const access = api.accesses.find((one) => one.account === undefined || one.account === account);
  if (access !== undefined) return { access, region: billRegion, account, scope };
  throw new ExternalError(`${scope}: no role of source ${config.name} is in account ${account}`, {
    reason: 'denied',
    operation: 'sts:AssumeRole',
    hint: `Give source ${config.name} a role of account ${account} again, or drop its bills.`,
  });
}

/** A payer's bill holds those of its linked accounts. One that has a role of its own is told by that. */
export function otherAccountsOf(api: AwsApi, account: string): ReadonlySet<string> {
  const accounts = api.accesses.flatMap((one) => one.account ?? []);
  return new Set(accounts.filter((one) => one !== account));
}
