import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeterUnit } from '../../../agent/core/collector.ts';
import type { CatalogRow } from '../../../agent/core/meter.ts';
import { catalog } from '../../../collectors/azure/catalog.ts';
import { unitsOf } from '../../../collectors/azure/definitions.ts';
import { allDefined, modelsDefined, openaiDefined } from '../../support/azure-source.ts';

const openaiRows = catalog.filter((row) => row.vocabulary === 0);
const modelsRows = catalog.filter((row) => row.vocabulary === 1);

/** Some of the metrics, each with some of its dimensions: whatever Azure may come to define. */
const anyDefinitions = fc
  .tuple(
    ...allDefined.map(({ name, dimensions }) =>
      fc.option(
        fc
          .oneof(
            fc.subarray(dimensions, { minLength: dimensions.length - 1 }),
            fc.subarray(dimensions),
          )
          .map((some) => ({ name, dimensions: some })),
        { nil: undefined, freq: 4 },
      ),
    ),
  )
  .map((all) => all.filter((one) => one !== undefined));

function shuffled<T>(all: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...all], { minLength: all.length });
}

/** Rows whose metric is defined with all it needs. */
function readable(rows: readonly CatalogRow[], defined: typeof allDefined) {
  return rows.filter((row) => {
    const found = defined.find(({ name }) => row.metricNames.includes(name));
    const needed = row.dimensions.filter((name) => !name.endsWith('?'));
    return found !== undefined && needed.every((name) => found.dimensions.includes(name));
  });
}

function rowOf({ rowId }: MeterUnit): CatalogRow | undefined {
  return catalog.find(({ id }) => id === rowId);
}

/** The model, `FeatureName` of one family, is among what the other cannot do without. */
function saysAllOf(unit: MeterUnit, other: MeterUnit): boolean {
  const names = Object.keys(unit.dimensions).filter((name) => name !== 'FeatureName');
  const [mine, theirs] = [unit, other].map((one) => JSON.stringify(rowOf(one)?.measure));
  return mine === theirs && names.every((name) => name in other.dimensions);
}

function measuresOf(rows: readonly (CatalogRow | undefined)[]): ReadonlySet<string> {
  return new Set(rows.map((row) => JSON.stringify(row?.measure)));
}

function byKey(a: MeterUnit, b: MeterUnit): number {
  return a.key < b.key ? -1 : 1;
}

/** Definitions of these metrics, without a dimension of some. */
function without(
  defined: typeof allDefined,
  dimension: string,
  of: (metric: string) => boolean = () => true,
): typeof allDefined {
  return defined.map(({ name, dimensions }) => ({
    name,
    dimensions: of(name) ? dimensions.filter((one) => one !== dimension) : dimensions,
  }));
}

const requestsAndGauges = [
  'ModelRequests',
  'TimeToLastByte',
  'NormalizedTimeToFirstToken',
  'ProvisionedUtilization',
];
const openaiOthers = [
  'AzureOpenAIRequests',
  'AzureOpenAITTLTInMS',
  'AzureOpenAINormalizedTTFTInMS',
  'AzureOpenAIProvisionedManagedUtilizationV2',
];
const openaiTokens = ['ProcessedPromptTokens', 'GeneratedTokens'];
const modelsTokens = [
  'InputTokens',
  'OutputTokens',
  'cacheReadInputTokens',
  'ephemeral5mInputTokens',
  'ephemeral1hInputTokens',
];
const models = [...modelsTokens, ...requestsAndGauges];
const untiered = without(allDefined, 'ServiceTierResponse');

const accounts: readonly [
  what: string,
  defined: typeof allDefined,
  openaiRead: readonly string[],
  modelsRead: readonly string[],
][] = [
  ['both families, tiers offered: the tokens of both', allDefined, openaiTokens, models],
  ['both families without tiers: the Models family', untiered, [], models],
  ['no FeatureName either: the Models family', without(untiered, 'FeatureName'), [], models],
  ['only the OpenAI family: all of it', openaiDefined, [...openaiTokens, ...openaiOthers], []],
  ['only the Models family: all of it', modelsDefined, [], models],
  [
    'tiers of one token metric only: that one beside the Models family',
    without(allDefined, 'ServiceTierResponse', (metric) => metric === 'GeneratedTokens'),
    ['ProcessedPromptTokens'],
    models,
  ],
  [
    'a Models metric that does not tell what the OpenAI one does: both',
    without(allDefined, 'IsSpillover', (metric) => metric === 'ModelRequests'),
    [...openaiTokens, 'AzureOpenAIRequests'],
    models,
  ],
  [
    'an OpenAI metric that does not tell what the Models one does: the latter',
    without(allDefined, 'IsSpillover', (metric) => metric === 'AzureOpenAIRequests'),
    openaiTokens,
    models,
  ],
  [
    'a Models metric that cannot be read: the OpenAI one in its place',
    without(allDefined, 'StatusCode', (metric) => metric === 'ModelRequests'),
    [...openaiTokens, 'AzureOpenAIRequests'],
    models.filter((metric) => metric !== 'ModelRequests'),
  ],
  [
    'a Models metric that is not defined: the OpenAI one in its place',
    untiered.filter(({ name }) => name !== 'OutputTokens' && name !== 'TimeToLastByte'),
    ['GeneratedTokens', 'AzureOpenAITTLTInMS'],
    models.filter((metric) => metric !== 'OutputTokens' && metric !== 'TimeToLastByte'),
  ],
];

describe('of two metrics that say the same one is read', () => {
  it.each(accounts)('where an account defines %s', (_what, defined, openaiRead, modelsRead) => {
    const { units } = unitsOf(catalog, defined);
    const read = units.map(({ metric }) => metric).toSorted();
    expect(read).toEqual([...openaiRead, ...modelsRead].toSorted());
  });

  it('and never is a measure, or a way to tell it apart, lost by it', () => {
    fc.assert(
      fc.property(anyDefinitions, (defined) => {
        const { units, lacking } = unitsOf(catalog, defined);
        const openai = unitsOf(openaiRows, defined);
        const wider = unitsOf(modelsRows, defined);
        expect(measuresOf(units.map(rowOf))).toEqual(measuresOf(readable(catalog, defined)));
        expect(lacking.toSorted()).toEqual([...openai.lacking, ...wider.lacking].toSorted());
        const needed = openai.units.filter(
          (unit) => !wider.units.some((other) => saysAllOf(unit, other)),
        );
        expect(units.toSorted(byKey)).toEqual([...needed, ...wider.units].toSorted(byKey));
      }),
    );
  });

  it('and of one family alone every metric is, but those said to lack a dimension', () => {
    fc.assert(
      fc.property(anyDefinitions, (defined) => {
        for (const of of [openaiRows, modelsRows]) {
          const { units, lacking } = unitsOf(of, defined);
          expect(units.map(rowOf)).toEqual(readable(of, defined));
          const mine = defined.filter(({ name }) =>
            of.some((row) => row.metricNames.includes(name)),
          );
          expect(units.length + lacking.length).toBe(mine.length);
        }
      }),
    );
  });

  it('and it is the same one in whatever order rows, metrics and dimensions are listed', () => {
    const orders = anyDefinitions.chain((defined) =>
      fc.tuple(
        fc.constant(defined),
        shuffled(defined).chain((all) =>
          fc.tuple(
            ...all.map(({ name, dimensions }) =>
              shuffled(dimensions).map((mixed) => ({ name, dimensions: mixed })),
            ),
          ),
        ),
        shuffled(catalog),
      ),
    );
    fc.assert(
      fc.property(orders, ([defined, mixed, rows]) => {
        const units = unitsOf(catalog, defined).units.toSorted(byKey);
        expect(unitsOf(rows, mixed).units.toSorted(byKey)).toEqual(units);
      }),
    );
  });
});
