import { describe, expect, it } from 'vitest';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import { awsCatalog, namespaces, otherLevels } from '../../../collectors/aws/catalog.ts';

const vendorStatistics = new Set(['Sum', 'SampleCount', 'Minimum', 'Maximum', 'Average', 'p90']);

function metersOf(row: CatalogRow): readonly string[] {
  return row.metricNames.map((name) => `${row.namespace} ${name} ${row.dimensions.join('+')}`);
}

describe('every row of the catalog', () => {
  it.each(awsCatalog.map((row) => [row.id, row] as const))('%s is whole', (_id, row) => {
    expect(JSON.parse(JSON.stringify(row))).toEqual(row);
    expect(row.id).toMatch(/^aws\.(?:bedrock|mantle)\.[a-z_]+(?:\.tier)?$/);
    expect(row.source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    expect(row.dimensions).toEqual(row.dimensions.toSorted());
    expect(row.statistics.filter((statistic) => !vendorStatistics.has(statistic))).toEqual([]);
    expect(row.statistics.length).toBeLessThanOrEqual(5);
    expect(new Set(row.statistics).size).toBe(row.statistics.length);
    expect(row.metricNames.length).toBeGreaterThan(0);
    expect([row.periodSeconds, row.settleSeconds]).toEqual([60, 600]);
  });
});

const asks = (id: string) =>
  awsCatalog.find((row) => row.id === id)?.statistics.includes('Maximum');

const names = (id: string) => awsCatalog.find((row) => row.id === id)?.metricNames;

describe('the rows together', () => {
  it('have an id each', () => {
    const ids = awsCatalog.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('never claim a series twice', () => {
    const meters = awsCatalog.flatMap(metersOf);
    expect(meters).toEqual([...new Set(meters)]);
  });

  it('have a total for every part, of the same meter and spellings', () => {
    const parts = awsCatalog.filter(({ level }) => level === 'part');
    expect(parts.map(({ id }) => id)).toContain('aws.bedrock.input.tier');
    for (const part of parts) {
      const total = awsCatalog.find(({ id }) => `${id}.tier` === part.id);
      expect(total).toMatchObject({
        level: 'total',
        metricNames: part.metricNames,
        statistics: part.statistics,
        measure: part.measure,
        contract: part.contract,
      });
    }
  });

  it('split by tier only what adds up', () => {
    const split = awsCatalog.filter(({ level }) => level === 'part');
    expect(new Set(split.map(({ measure }) => measure.kind))).toEqual(
      new Set(['tokens', 'requests']),
    );
  });

  it('say for input that cached tokens depend on the family', () => {
    const inputs = awsCatalog.filter(
      ({ measure }) => measure.kind === 'tokens' && measure.meter === 'input',
    );
    expect(inputs.map(({ id, contract }) => [id, contract])).toEqual([
      ['aws.bedrock.input', 'input_by_family'],
      ['aws.bedrock.input.tier', 'input_by_family'],
      ['aws.mantle.input', 'input_by_family'],
    ]);
  });

  it('ask for the largest request, which a long-context price band needs', () => {
    expect(asks('aws.bedrock.input')).toBe(true);
    expect(asks('aws.bedrock.cache_read')).toBe(true);
    expect(asks('aws.bedrock.cache_write')).toBe(true);
  });

  it('know both spellings of the cache meters, the documented one first', () => {
    expect(names('aws.bedrock.cache_read')).toEqual([
      'CacheReadInputTokens',
      'CacheReadInputTokenCount',
    ]);
    expect(names('aws.bedrock.cache_write')).toEqual([
      'CacheWriteInputTokens',
      'CacheWriteInputTokenCount',
    ]);
  });

  it('leave the other levels of a namespace alone', () => {
    expect(namespaces).toEqual(['AWS/Bedrock', 'AWS/BedrockMantle']);
    for (const namespace of namespaces) {
      const read = new Set(
        awsCatalog
          .filter((row) => row.namespace === namespace)
          .map((row) => row.dimensions.join('+')),
      );
      for (const level of otherLevels[namespace] ?? []) {
        expect(level).toEqual(level.toSorted());
        expect(read.has(level.join('+'))).toBe(false);
      }
    }
  });
});
