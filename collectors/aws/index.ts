import type { Collector, Target } from '../../agent/core/collector.ts';
import { ExternalError } from '../../agent/core/errors.ts';
import type { Access } from './access.ts';
import { createAwsApi } from './client.ts';
import { collectUnits } from './collect.ts';
import type { AwsConfig, AwsDeps } from './config.ts';
import { discoverTargets, priceListing } from './discover.ts';
import { planCalls, priceOf } from './plan.ts';
import { probeAws } from './probe.ts';

export type { AwsConfig, AwsCredentials, AwsDeps, AwsRole } from './config.ts';

/**
 * Reads Bedrock's token meters from CloudWatch. Throws an Error for a configuration that cannot work. It keeps
 * nothing but its clients and credentials: a target of an earlier run is read as one just discovered.
 */
export function createAwsCollector(config: AwsConfig, deps: AwsDeps): Collector {
  const api = createAwsApi(config, deps);
  return {
    name: config.name,
    cloud: 'aws',
    discover: (signal) => discoverTargets(config, api, signal),
    async collect(request, signal) {
      const access = accessTo(api.accesses, request.target);
      const { id, region, account, labels } = request.target;
      const asked = labels['monitoring_account'] ?? account;
      const place = { access, region, account: asked, scope: id };
      return collectUnits(api, place, request, deps.clock.now(), signal);
    },
    price: (request) => priceOf(planCalls(request)),
    priceListing: (targets) => priceListing(api.accesses.length, api.regions.length, targets),
    probe: (signal) => probeAws(config, api, deps.clock.now, signal),
    async close() {
      api.close();
    },
  };
}

/** Own credentials read whatever they were found with; a role reads its account and those linked to it. */
function accessTo(accesses: readonly Access[], target: Target): Access {
  const account = target.labels['monitoring_account'] ?? target.account;
  const access = accesses.find((one) => one.account === undefined || one.account === account);
  if (access !== undefined) return access;
  throw new ExternalError(
    `${target.id}: no role of source ${target.source} is in account ${account}`,
    {
      reason: 'denied',
      operation: 'sts:AssumeRole',
      hint: `Give source ${target.source} a role of account ${account} again, or drop the target.`,
    },
  );
}
