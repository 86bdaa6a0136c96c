import type { BilledPage } from '../../agent/core/billed-feed.ts';
import { present } from './attributes.ts';
import { metricSet } from './metric-set.ts';
import type { MetricPoint } from './point.ts';

/** Billed days as gauges, each from its day's start to its end. */
export function billedPoints({ points }: BilledPage): readonly MetricPoint[] {
  return points.map(({ seriesId, series, start, end, cost }) => {
    const { cloud, account, region } = series;
    return {
      metric: metricSet.billedCost,
      name: { id: seriesId, cloud, account, region },
      attributes: present({
        'crossbill.record_type': series.recordType,
        'crossbill.service': series.service,
        'crossbill.resource': series.resource,
        'crossbill.model': series.model,
        'crossbill.model.version': series.modelVersion,
        'crossbill.token_type': series.item,
        'crossbill.routing': series.routing,
        'crossbill.tier': series.tier,
      }),
      start,
      end,
      value: Number(cost),
    };
  });
}
