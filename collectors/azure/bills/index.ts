import type { ApiMeter } from '../../../agent/core/api-call.ts';
import type { BillCollector, BillScope } from '../../../agent/core/bill.ts';
import type { CanonicalOf } from '../../../agent/core/price-list.ts';
import { dayMs, secondMs } from '../../../agent/core/time.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { connect } from '../client.ts';
import type { AzureConfig } from '../config.ts';
import { lostOf, scopeOf, subscriptionsOf } from '../subscriptions.ts';
import type { SubscriptionPorts } from '../subscriptions.ts';
import { isWholeDays } from './cost-question.ts';
import { finalUntil, openFrom } from './days.ts';
import { costErrand } from './errand.ts';
import { azureMeaningOf } from './meaning.ts';
import { createMeterBook } from './meters.ts';
import { probeBills } from './probe.ts';
import { statementLines } from './statement.ts';

export interface AzureBillDeps {
  /** Milliseconds since the epoch; dates statements and a `Retry-After`. */
  readonly now: () => Instant;
  /** Counts and paces every request; absent: none of it. */
  readonly meter?: ApiMeter;
  /** Knows a model as Azure's deployments name it, and its version. */
  readonly canonicalOf: CanonicalOf;
}

/** Of costs, 13 months can be asked for. A unit of a tenant's allowance is a month of them, so no more than that at once. */
const daySeconds = dayMs / secondMs;
const reachSeconds = 395 * daySeconds;
const longestSeconds = 31 * daySeconds;
/** Microsoft: at most once a day, for costs are refreshed no faster than that is useful. */
const everySeconds = daySeconds;

/**
 * Reads what Cost Management bills for models, by subscription; free of charge. Throws for a configuration that would send
 * a token over plain http.
 * https://learn.microsoft.com/en-us/rest/api/cost-management/query/usage
 */
export function createAzureBillCollector(config: AzureConfig, deps: AzureBillDeps): BillCollector {
  const client = connect(config, deps.now, deps.meter);
  const subscriptions: SubscriptionPorts = {
    source: config.name,
    subscriptions: config.subscriptions,
    seenSubscriptions: new Set(),
    arm: client.arm,
  };
  const meters = createMeterBook();
  const meaningOf = azureMeaningOf(deps.canonicalOf);
  return {
    name: config.name,
    cloud: 'azure',

    async scopes(signal) {
      const ids = await subscriptionsOf(subscriptions, signal);
      const scopes = ids.map((id): BillScope => ({
        source: 'azure_cost_management',
        scope: scopeOf(subscriptions, id),
        account: id,
        reachSeconds,
        everySeconds,
        longestSeconds,
      }));
      return { scopes, failures: lostOf(subscriptions, ids) };
    },

    openFrom: (_scope, now) => openFrom(now),

    async fetch(scope, days, signal) {
      if (!isWholeDays(days)) throw new RangeError('a bill is asked for by whole UTC days');
      const fetchedAt = deps.now();
      const ports = { costs: client.costs, meters, meaningOf };
      const errand = costErrand(scope.scope, scope.account);
      return {
        source: 'azure_cost_management',
        cloud: 'azure',
        scope: scope.scope,
        days,
        finalUntil: finalUntil(fetchedAt),
        fetchedAt,
        lines: await statementLines(ports, errand, days, signal),
      };
    },

    probe: (signal) => probeBills({ ...subscriptions, costs: client.costs }, deps.now, signal),

    close(): Promise<void> {
      client.close();
      return Promise.resolve();
    },
  };
}
