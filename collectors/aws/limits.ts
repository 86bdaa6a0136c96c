import type { RateLimit } from '../../agent/core/api-call.ts';

const quotas = 'https://docs.aws.amazon.com/general/latest/gr/cw_region.html';

/**
 * AWS permits 500 requests a second an account and region (50 in older documentation), and for points older than three
 * hours 90,000 a second at worst, 180,000 for newer ones. A call asks for 20,000 points at most.
 */
export const dataLimit: RateLimit = {
  name: 'GetMetricData',
  burst: 10,
  perSecond: 10,
  points: { burst: 40_000, perSecond: 45_000 },
  atOnce: 4,
  source: quotas,
};

/** AWS permits 25 a second an account and region. */
export const listLimit: RateLimit = {
  name: 'ListMetrics',
  burst: 8,
  perSecond: 8,
  atOnce: 3,
  source: quotas,
};

/** What AWS permits for these listings it does not say for all of them; they are few, so they can be slow. */
export const bedrockLimit: RateLimit = {
  name: 'Bedrock listings',
  burst: 10,
  perSecond: 4,
  atOnce: 2,
  source: 'https://docs.aws.amazon.com/general/latest/gr/bedrock.html',
};

/** A request of ListMetrics: $0.01 per 1,000. https://aws.amazon.com/cloudwatch/pricing/ */
export const nanoUsdPerListing = 10_000n;
/** Series a page of ListMetrics holds. */
export const seriesPerPage = 500;

/** AWS states no rate for Cost Explorer but throttles soon; a statement asks a few times and has hours. */
export const costLimit: RateLimit = {
  name: 'Cost Explorer',
  burst: 2,
  perSecond: 1,
  atOnce: 1,
  source: 'https://docs.aws.amazon.com/cost-management/latest/userguide/ce-api-best-practices.html',
};

/** $0.01 a request, every page being one. https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/ */
export const nanoUsdPerCostRequest = 10_000_000n;
