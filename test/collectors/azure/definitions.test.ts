import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toExternalError } from '../../../agent/core/errors.ts';
import { dayMs } from '../../../agent/core/time.ts';
import { catalog } from '../../../collectors/azure/catalog.ts';
import { createDefinitionCache, unitsOf } from '../../../collectors/azure/definitions.ts';
import { allDefined, modelsDefined, openaiDefined, rejection } from '../../support/azure-source.ts';

function keysOf(definitions: Parameters<typeof unitsOf>[1]): readonly string[] {
  return unitsOf(catalog, definitions).units.map((unit) => unit.key);
}

describe('the units of a resource', () => {
  it('is one a metric, by the dimensions its row wants and the definition offers', () => {
    const { units, lacking } = unitsOf(catalog, [
      {
        name: 'ProcessedPromptTokens',
        dimensions: ['ApiName', 'Region', 'ModelDeploymentName', 'ModelVersion', 'FeatureName'],
      },
    ]);
    expect(units).toEqual([
      {
        key: 'ProcessedPromptTokens[ModelDeploymentName,ModelVersion,FeatureName]',
        rowId: 'azure.openai.ProcessedPromptTokens',
        metric: 'ProcessedPromptTokens',
        dimensions: { ModelDeploymentName: '*', ModelVersion: '*', FeatureName: '*' },
      },
    ]);
    expect(lacking).toEqual([]);
  });

  it('has another key once a dimension is offered that was not', () => {
    const before = ['ModelDeploymentName', 'ModelVersion'];
    const keys = [before, [...before, 'ServiceTierResponse']].map((dimensions) =>
      keysOf([{ name: 'GeneratedTokens', dimensions }]),
    );
    expect(keys).toEqual([
      ['GeneratedTokens[ModelDeploymentName,ModelVersion]'],
      ['GeneratedTokens[ModelDeploymentName,ModelVersion,ServiceTierResponse]'],
    ]);
  });

  it.each([
    ['both families', allDefined, 11],
    ['the OpenAI family alone', openaiDefined, 6],
    ['the Models family alone', modelsDefined, 9],
  ])(
    'do not depend on the case or order in which Azure lists the names of %s',
    (_name, defined, count) => {
      const odd = defined.toReversed().map(({ name, dimensions }) => ({
        name: name.toUpperCase(),
        dimensions: dimensions.toReversed().map((dimension) => dimension.toLowerCase()),
      }));
      expect(keysOf(odd)).toEqual(keysOf(defined));
      expect(keysOf(odd)).toHaveLength(count);
    },
  );

  it('says which metric lacks a dimension it cannot do without', () => {
    const { units, lacking } = unitsOf(catalog, [
      { name: 'ModelRequests', dimensions: ['ModelDeploymentName', 'ModelName', 'ModelVersion'] },
    ]);
    expect(units).toEqual([]);
    expect(lacking).toEqual(['ModelRequests without StatusCode']);
  });

  it('never asks for a dimension that is not offered', () => {
    const names = [...new Set(allDefined.flatMap((one) => one.dimensions))];
    const offered = fc.subarray(names);
    fc.assert(
      fc.property(offered, (dimensions) => {
        for (const family of [allDefined, openaiDefined, modelsDefined]) {
          const defined = family.map(({ name }) => ({ name, dimensions }));
          const { units } = unitsOf(catalog, defined);
          const asked = new Set(units.flatMap((unit) => Object.keys(unit.dimensions)));
          expect([...asked].filter((name) => !dimensions.includes(name))).toEqual([]);
        }
      }),
    );
  });
});

function cacheAt() {
  const clock = { now: 0 };
  const looks: string[] = [];
  const cache = createDefinitionCache(
    () => clock.now,
    (thrown) => toExternalError(thrown, 'read'),
  );
  const look = (name: string) => () => {
    looks.push(name);
    return Promise.resolve([{ name, dimensions: [] }]);
  };
  return { clock, looks, cache, look };
}

function refuse() {
  return Promise.reject(new Error('denied'));
}

describe('the cache of definitions', () => {
  it('looks again after a day, and by resource in any case', async () => {
    const { clock, looks, cache, look } = cacheAt();
    await cache.get('/A', look('first'));
    clock.now = dayMs - 1;
    const same = await cache.get('/a', look('second'));
    expect(same.definitions[0]?.name).toBe('first');
    clock.now = dayMs;
    await cache.get('/a', look('third'));
    await cache.get('/b', look('other'));
    expect(looks).toEqual(['first', 'third', 'other']);
  });

  it('looks again once contradicted', async () => {
    const { looks, cache, look } = cacheAt();
    await cache.get('/a', look('first'));
    cache.drop('/A');
    cache.drop('/unknown');
    await cache.get('/a', look('second'));
    expect(looks).toEqual(['first', 'second']);
  });

  it('keeps the last good ones when a look fails, and says why', async () => {
    const { clock, cache, look } = cacheAt();
    await cache.get('/a', look('first'));
    clock.now = 2 * dayMs;
    const kept = await cache.get('/a', refuse);
    expect(kept.definitions[0]?.name).toBe('first');
    expect(kept.staleBecause?.message).toBe('denied');
    expect(await rejection(cache.get('/b', refuse))).toMatchObject({ message: 'denied' });
  });
});
