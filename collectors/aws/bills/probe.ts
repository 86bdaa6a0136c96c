import type { Dimension } from '@aws-sdk/client-cost-explorer';
import { tryRight, untried } from '../../../agent/core/permission.ts';
import type { Permission, Tried } from '../../../agent/core/permission.ts';
import { dayMs, floorTo, hourMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import type { AwsApi, Place } from '../client.ts';
import { collectUnits } from '../collect.ts';
import type { AwsConfig } from '../config.ts';
import { reach, retention } from '../discover.ts';
import { mapPooled } from '../pool.ts';
import { callerOf, grantOf } from '../probe.ts';
import { dateOf } from './days.ts';
import {
  billingNamespace,
  estimatedInput,
  estimatedMetric,
  estimatedOf,
  estimatedRow,
} from './estimated-series.ts';
import { unitKey } from '../listing.ts';
import { billRegion } from './scopes.ts';

const accountsAtOnce = 4;

/**
 * Every right that bills need, on every account that can be signed in to (whether it can is told by the probe for
 * meters). Cost Explorer knows no call that is free: trying both of its rights costs $0.02 an account.
 */
export async function probeBills(
  config: AwsConfig,
  api: AwsApi,
  now: () => Instant,
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const tried = await mapPooled(api.accesses, accountsAtOnce, async (access) => {
    const right = { account: access.account ?? '', place: billRegion, feature: 'bills' } as const;
    const reached = await reach(config, api, access, signal).catch(() => undefined);
    if (reached === undefined || 'error' in reached) {
      const why = signal.aborted ? 'out_of_time' : 'blocked';
      return operations.map((operation) => untried({ ...right, operation }, why));
    }
    const { account } = reached;
    const scope = `${config.name}/${account}`;
    return probeAccount(api, { ...reached, region: billRegion, scope }, now(), signal);
  });
  return tried.flat();
}

const operations = [
  'ce:GetDimensionValues',
  'ce:GetCostAndUsage',
  'cloudwatch:ListMetrics',
  'cloudwatch:GetMetricData',
] as const;

async function probeAccount(
  api: AwsApi,
  place: Place,
  now: Instant,
  signal: AbortSignal,
): Promise<readonly Permission[]> {
  const { account, region } = place;
  const attempt = <Value>(
    operation: (typeof operations)[number],
    call: () => Promise<Value>,
  ): Promise<Tried<Value>> =>
    tryRight(
      {
        account,
        place: region,
        feature: 'bills',
        operation,
        grantFor: (refusal) =>
          grantOf(refusal, {
            right: operation,
            to: callerOf(refusal) || place.access.principal,
            on: '*',
          }),
      },
      call,
      signal,
    );
  const today = floorTo(now, dayMs);
  const TimePeriod = { Start: dateOf(today - 2 * dayMs), End: dateOf(today - dayMs) };
  const Dimension: Dimension = 'RECORD_TYPE';
  const values = await attempt('ce:GetDimensionValues', () =>
    api.getDimensionValues(place, { TimePeriod, Dimension, Context: 'COST_AND_USAGE' }, signal),
  );
  const costs = await attempt('ce:GetCostAndUsage', () => {
    const input = { TimePeriod, Granularity: 'DAILY', Metrics: ['UnblendedCost'] } as const;
    return api.getCostAndUsage(place, { ...input, Metrics: [...input.Metrics] }, signal);
  });
  const listed = await attempt('cloudwatch:ListMetrics', async () =>
    estimatedOf((await api.listMetrics(place, estimatedInput, signal)).Metrics),
  );
  const read = await attempt('cloudwatch:GetMetricData', () =>
    collectUnits(api, place, hourOf(place, now), now, signal),
  );
  const { permission } = listed;
  const none = 'no billing metrics: the payer has to switch "Receive CloudWatch billing alerts" on';
  const listedOrNone =
    listed.value?.length === 0 ? untried(permission, 'nothing_there', none) : permission;
  return [values.permission, costs.permission, listedOrNone, read.permission];
}

/** One hour of the gauge over all services, $0.00001; where there is none, none is answered. */
function hourOf({ scope, account }: Place, now: Instant) {
  const dimensions = { Currency: 'USD' };
  const key = unitKey(estimatedMetric, dimensions);
  const end = floorTo(now, hourMs);
  const id = `${scope}/${billingNamespace}`;
  return {
    target: { id, account, labels: {}, rows: [estimatedRow], retention },
    units: [{ key, rowId: estimatedRow.id, metric: estimatedMetric, dimensions }],
    window: { start: end - hourMs, end },
    periodSeconds: 3_600,
  };
}
