import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalog } from '../../../collectors/azure/catalog.ts';

const table = readFileSync(new URL('../../fixtures/azure/metrics.tsv', import.meta.url), 'utf8');
const documented = new Map(
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [metric = '', unit = '', aggregations = '', dimensions = '', later = ''] =
        line.split('\t');
      return [
        metric,
        {
          unit,
          aggregations: aggregations.split(','),
          dimensions: dimensions.split(','),
          later: later.split(',').filter((name) => name !== ''),
        },
      ] as const;
    }),
);

describe('the catalog against Microsoft’s table', () => {
  it.each(catalog.flatMap((row) => row.metricNames.map((metric) => ({ row, metric }))))(
    '$metric is documented with the aggregations and dimensions its row names',
    ({ row, metric }) => {
      const page = documented.get(metric);
      expect(page?.aggregations).toEqual(expect.arrayContaining([...row.statistics]));
      const needed = row.dimensions.filter((name) => !name.endsWith('?'));
      expect(page?.dimensions).toEqual(expect.arrayContaining(needed));
      const optional = row.dimensions.filter((name) => name.endsWith('?'));
      expect([...(page?.dimensions ?? []), ...(page?.later ?? [])]).toEqual(
        expect.arrayContaining(optional.map((name) => name.slice(0, -1))),
      );
      const units = { latency: 'MilliSeconds', utilization: 'Percent' };
      expect(page?.unit).toBe(
        Object.entries(units).find(([kind]) => kind === row.measure.kind)?.[1] ?? 'Count',
      );
    },
  );

  it('reads no sum, part or old metric that would count tokens again', () => {
    const read = catalog.flatMap((row) => row.metricNames).join(' ');
    expect(read).not.toMatch(/TokenTransaction|TotalTokens|ActiveTokens|Audio|TotalCalls/);
  });
});

function said(vocabulary: number): readonly string[] {
  return catalog
    .filter((row) => row.vocabulary === vocabulary)
    .map((row) => JSON.stringify(row.measure))
    .filter((measure) => !measure.includes('cache'));
}

describe('the catalog itself', () => {
  it('has ids and metrics of its own in every row, and survives JSON', () => {
    expect(new Set(catalog.map((row) => row.id)).size).toBe(catalog.length);
    expect(new Set(catalog.flatMap((row) => row.metricNames)).size).toBe(catalog.length);
    expect(JSON.parse(JSON.stringify(catalog))).toEqual(catalog);
  });

  it('splits every metric by deployment, and averages by nothing else', () => {
    expect(new Set(catalog.map((row) => row.dimensions[0]))).toEqual(
      new Set(['ModelDeploymentName']),
    );
    const averaged = catalog.filter((row) => row.statistics.includes('Average'));
    expect(averaged.map((row) => row.dimensions.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('has both vocabularies say input, output, requests, both latencies and utilization', () => {
    expect(said(0)).toHaveLength(6);
    expect(said(1).toSorted()).toEqual(said(0).toSorted());
  });
});
