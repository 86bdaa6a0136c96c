import { normalize } from '../../agent/normalize/normalize.ts';
import type { CollectRequest, MeterUnit, Sample, Target } from '../../agent/core/collector.ts';
import type { CatalogRow } from '../../agent/core/meter.ts';
import type { UsageBatch } from '../../agent/core/store.ts';
import type { Window } from '../../agent/core/time.ts';
import { minuteMs } from '../../agent/core/time.ts';

/** A small cloud that answers any window at any period from a table of true minutes. */

export const day0 = Date.UTC(2026, 10, 10);

const base = {
  namespace: 'AWS/Bedrock',
  statistics: ['Sum'],
  dimensions: ['ModelId'],
  level: 'total',
  vocabulary: 0,
  periodSeconds: 60,
  settleSeconds: 600,
  source: 'https://example.com',
} as const;

export const rows: readonly CatalogRow[] = [
  row('in', 'InputTokenCount', 'input', 'input_by_family'),
  row('out', 'OutputTokenCount', 'output', 'plain'),
  row('read', 'CacheReadInputTokens', 'cache_read', 'plain'),
  row('write', 'CacheWriteInputTokens', 'cache_write', 'plain'),
  tierRow('in.tier', 'InputTokenCount', 'input', 'input_by_family'),
  tierRow('out.tier', 'OutputTokenCount', 'output', 'plain'),
  {
    ...base,
    id: 'req',
    metricNames: ['Invocations'],
    measure: { kind: 'requests', outcome: 'accepted' },
    contract: 'requests_accepted',
  },
];

function row(
  id: string,
  metric: string,
  meter: 'input' | 'output' | 'cache_read' | 'cache_write',
  contract: CatalogRow['contract'],
): CatalogRow {
  return { ...base, id, metricNames: [metric], measure: { kind: 'tokens', meter }, contract };
}

function tierRow(
  id: string,
  metric: string,
  meter: 'input' | 'output',
  contract: CatalogRow['contract'],
): CatalogRow {
  return {
    ...row(id, metric, meter, contract),
    dimensions: ['ModelId', 'ServiceTier', 'ResolvedServiceTier'],
    level: 'part',
  };
}

/** One true series: a value for each minute from `day0` on; 0 is silence, which the cloud does not send. */
export interface TrueSeries {
  readonly rowId: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

export function unitOf(series: TrueSeries): MeterUnit {
  const catalogRow = rows.find((one) => one.id === series.rowId) as CatalogRow;
  return {
    key: `${series.rowId}|${Object.values(series.dimensions).join('|')}`,
    rowId: series.rowId,
    metric: catalogRow.metricNames[0] as string,
    dimensions: series.dimensions,
  };
}

export function targetOf(world: readonly TrueSeries[], region = 'us-east-1'): Target {
  return {
    id: `aws/111122223333/${region}/AWS/Bedrock`,
    source: 'aws',
    cloud: 'aws',
    account: '111122223333',
    region,
    resource: '',
    labels: {},
    rows,
    units: world.map(unitOf),
    rememberUnits: true,
    retention: [
      { periodSeconds: 60, ageSeconds: 15 * 86_400 },
      { periodSeconds: 3_600, ageSeconds: 455 * 86_400 },
    ],
  };
}

/** What a collector would hand over for the window. */
export function samplesOf(
  world: readonly TrueSeries[],
  window: Window,
  periodSeconds: number,
): readonly Sample[] {
  return world.map((series) => {
    const starts: number[] = [];
    const values: number[] = [];
    for (let start = window.start; start < window.end; start += periodSeconds * 1_000) {
      const first = (start - day0) / minuteMs;
      const sum = series.values
        .slice(Math.max(0, first), Math.max(0, first + periodSeconds / 60))
        .reduce((total, value) => total + value, 0);
      if (sum === 0) continue;
      starts.push(start);
      values.push(sum);
    }
    const unit = unitOf(series);
    const { rowId, metric, dimensions } = unit;
    return { unitKey: unit.key, rowId, metric, dimensions, statistic: 'Sum', starts, values };
  });
}

export function batchOf(
  world: readonly TrueSeries[],
  window: Window,
  periodSeconds: number,
  readAt: number,
  region?: string,
): UsageBatch {
  const target = targetOf(world, region);
  const request: CollectRequest = { target, units: target.units, window, periodSeconds };
  return {
    ...request,
    ...normalize(request, samplesOf(world, window, periodSeconds)),
    readAt,
  };
}
