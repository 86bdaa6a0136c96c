import type { RateLimit } from '../../agent/core/api-call.ts';

/** Of a subscription Azure permits 250 reads at once and 25 a second from then on. */
export const readLimit: RateLimit = {
  name: 'Resource Manager reads',
  burst: 80,
  perSecond: 8,
  atOnce: 6,
  source:
    'https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling',
};

/** Azure permits 400 in five minutes; its refusal says so. */
export const definitionsLimit: RateLimit = {
  name: 'metric definitions',
  burst: 60,
  perSecond: 0.5,
  atOnce: 4,
  source:
    'https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling',
};

/** What Azure permits of batch calls it does not say reliably; the data plane of metrics is made for more than this. */
export const batchLimit: RateLimit = {
  name: 'metrics batch',
  burst: 40,
  perSecond: 8,
  atOnce: 6,
  source: 'https://learn.microsoft.com/en-us/azure/azure-monitor/metrics/migrate-to-batch-api',
};

/**
 * Of a subscription's costs a question counts one unit for a month that it spans; a tenant has 12 units in ten seconds, 60 a
 * minute and 600 an hour for all who ask. Users report four calls a minute for one subscription, so no more than that.
 */
export const costLimit: RateLimit = {
  name: 'Cost Management query',
  burst: 2,
  perSecond: 1 / 30,
  atOnce: 1,
  source:
    'https://learn.microsoft.com/en-us/azure/cost-management-billing/costs/manage-automation#data-latency-and-rate-limits',
};

/** No price list we know says what a batch call costs: an assumption that `batchCallNanoUsd` overrides. */
export const assumedBatchCallNanoUsd = 10_000n;
