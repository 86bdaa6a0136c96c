import type { BillCollector } from '../../../agent/core/bill.ts';
import { createAwsApi } from '../client.ts';
import type { AwsConfig, AwsDeps } from '../config.ts';
import { nanoUsdPerListing } from '../limits.ts';
import { fetchCosts } from './cost-explorer.ts';
import { priceStatement } from './cost-plan.ts';
import { openSince } from './days.ts';
import { fetchEstimated } from './estimated-charges.ts';
import { createMeaningOf } from './meaning.ts';
import type { MeaningOptions } from './meaning.ts';
import { probeBills } from './probe.ts';
import { billScopes, otherAccountsOf, placeOf } from './scopes.ts';

export { priceStatement } from './cost-plan.ts';
export { createMeaningOf } from './meaning.ts';
export type { MeaningOptions } from './meaning.ts';

/** As the collector of meters, and what the names on a bill mean. */
export type AwsBillDeps = AwsDeps & MeaningOptions;

/** What is expected of an account before it is asked: some models of the marketplace, usage, tax and a credit. */
const ordinaryAccount = { SERVICE: 8, LINKED_ACCOUNT: 1, RECORD_TYPE: 3 } as const;
/** A listing, and the gauges of an account: a metric is as dear as a listing. */
const priceOfEstimated = {
  operation: 'cloudwatch:GetMetricData',
  calls: 2,
  costNanoUsd: 10n * nanoUsdPerListing,
} as const;

/**
 * Reads what Bedrock costs: from Cost Explorer, a cent a request, and from the estimated charges in CloudWatch. Throws an
 * Error for a configuration that cannot work. Keeps nothing but its clients and credentials.
 */
export function createAwsBillCollector(config: AwsConfig, deps: AwsBillDeps): BillCollector {
  const api = createAwsApi(config, deps);
  const meaningOf = createMeaningOf(deps);
  return {
    name: config.name,
    cloud: 'aws',
    scopes: (signal) => billScopes(config, api, signal),
    openFrom: (_scope, now) => openSince(now),
    async fetch(scope, days, signal) {
      const now = deps.clock.now();
      const place = placeOf(config, api, scope);
      const otherAccounts = otherAccountsOf(api, scope.account);
      const asked = { place, days, otherAccounts, now };
      const told =
        scope.source === 'aws_estimated_charges'
          ? await fetchEstimated(api, asked, signal)
          : await fetchCosts(api, { ...asked, meaningOf }, signal);
      return { ...told, source: scope.source, cloud: 'aws', scope: scope.scope, fetchedAt: now };
    },
    price: ({ source }) =>
      source === 'aws_cost_explorer' ? priceStatement(ordinaryAccount) : priceOfEstimated,
    probe: (signal) => probeBills(config, api, deps.clock.now, signal),
    async close() {
      api.close();
    },
  };
}
