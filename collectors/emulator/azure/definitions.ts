import type { AzureAccount } from '../scenario-lane.ts';
import { dimensionsOf, metricsIn } from './metrics.ts';
import type { Offer } from './metrics.ts';
import { accountId } from './resources.ts';

const grains = ['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'P1D'];

/** What the account says it measures. */
export function definitionItems(account: AzureAccount, offer: Offer) {
  const id = accountId(account);
  return metricsIn(offer).map((metric) => ({
    id: `${id}/providers/microsoft.insights/metricdefinitions/${metric.name}`,
    resourceId: id,
    namespace: 'Microsoft.CognitiveServices/accounts',
    category: metric.category,
    name: { value: metric.name, localizedValue: metric.name },
    isDimensionRequired: false,
    unit: metric.unit,
    primaryAggregationType: metric.aggregations.at(-1),
    supportedAggregationTypes: metric.aggregations,
    metricAvailabilities: grains.map((timeGrain) => ({ timeGrain, retention: 'P93D' })),
    dimensions: dimensionsOf(metric, offer).map((value) => ({ value, localizedValue: value })),
  }));
}
