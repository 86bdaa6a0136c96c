import type { Metric } from '@aws-sdk/client-cloudwatch';
import type { Labels, MeterUnit } from '../../../agent/core/collector.ts';
import type { AwsApi, Place } from '../client.ts';
import { unitKey } from '../listing.ts';
import { badAnswer, pagesOf } from '../pages.ts';

const operation = 'cloudwatch:ListMetrics';
export const billingNamespace = 'AWS/Billing';
export const estimatedMetric = 'EstimatedCharges';
export const estimatedRow = {
  id: 'aws.billing.estimated_charges',
  namespace: billingNamespace,
  statistics: ['Maximum'],
} as const;

/** Where Claude, OpenAI and the other marketplace models are likely to stand, with everything else bought there. */
export const marketplaceService = 'AWSMarketplace';

/** A gauge of one service, of one account where the payer's series tell it. */
export interface EstimatedSeries {
  readonly unit: MeterUnit;
  readonly service: string;
  /** Undefined: all accounts of the payer, or the one account there is. */
  readonly account: string | undefined;
}

export interface EstimatedListing {
  /** False: the account has no billing metrics at all, for nobody switched them on or it is no payer. */
  readonly any: boolean;
  readonly series: readonly EstimatedSeries[];
}

export const estimatedInput = { Namespace: billingNamespace, MetricName: estimatedMetric } as const;

/**
 * The gauges in US dollars of services that name Bedrock, and of the marketplace. A service that is told by linked account
 * is taken so, and its sum over all of them is left out. A series is matched by all of its dimensions, currency included.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/monitor-charges.html
 */
export async function listEstimated(
  api: AwsApi,
  place: Place,
  signal: AbortSignal,
): Promise<EstimatedListing> {
  const metrics: Metric[] = [];
  const pages = pagesOf(
    operation,
    (token) =>
      api.listMetrics(
        place,
        { ...estimatedInput, ...(token === undefined ? {} : { NextToken: token }) },
        signal,
      ),
    (page) => page.NextToken,
  );
  for await (const page of pages) metrics.push(...estimatedOf(page.Metrics));
  const series = seriesOf(metrics);
  const byAccount = new Set(
    series.filter(({ account }) => account !== undefined).map(({ service }) => service),
  );
  return {
    any: metrics.length > 0,
    series: series.filter(
      ({ service, account }) => account !== undefined || !byAccount.has(service),
    ),
  };
}

/** Throws ExternalError for what is no listing. */
export function estimatedOf(metrics: readonly Metric[] | undefined): readonly Metric[] {
  if (metrics === undefined) throw badAnswer(operation, 'the answer is empty');
  return metrics.filter(
    ({ Namespace, MetricName }) => Namespace === billingNamespace && MetricName === estimatedMetric,
  );
}

function seriesOf(metrics: readonly Metric[]): readonly EstimatedSeries[] {
  const found = new Map<string, EstimatedSeries>();
  for (const { Dimensions = [] } of metrics) {
    const dimensions = dimensionsOf(Dimensions);
    const { Currency, ServiceName, LinkedAccount, ...others } = dimensions;
    if (Currency !== 'USD' || ServiceName === undefined || Object.keys(others).length > 0) continue;
    if (!/bedrock/i.test(ServiceName) && ServiceName !== marketplaceService) continue;
    const key = unitKey(estimatedMetric, dimensions);
    const unit = { key, rowId: estimatedRow.id, metric: estimatedMetric, dimensions };
    found.set(key, { unit, service: ServiceName, account: LinkedAccount });
  }
  return [...found.values()];
}

function dimensionsOf(dimensions: NonNullable<Metric['Dimensions']>): Labels {
  return Object.fromEntries(
    dimensions.map(({ Name, Value }): [string, string] => {
      if (!Name || Value === undefined) throw badAnswer(operation, 'a half dimension');
      return [Name, Value];
    }),
  );
}
