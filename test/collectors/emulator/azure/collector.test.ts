import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Collector, Discovery, Sample, Target } from '../../../../agent/core/collector.ts';
import { dayMs, hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { createAzureCollector } from '../../../../collectors/azure/index.ts';
import { createAggregates } from '../../../../collectors/emulator/aggregate.ts';
import type { Offer } from '../../../../collectors/emulator/azure/metrics.ts';
import { azureLanes } from '../../../../collectors/emulator/lanes-azure.ts';
import type { Lane, Request } from '../../../../collectors/emulator/lane.ts';
import { meteredInput } from '../../../../collectors/emulator/meters.ts';
import { loadTrace } from '../../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../../collectors/emulator/traffic.ts';
import { noon, serveAzure } from './azure-world.ts';

const never = new AbortController().signal;
const traffic = createTraffic(azureLanes, loadTrace());
const window = { start: noon - hourMs, end: noon };
let emulator: Awaited<ReturnType<typeof serveAzure>>;
const everything = { families: 'both', tiers: true } as const;
let offer: Offer = everything;
let now = noon;

function collectorOf(batch: boolean): Collector {
  return createAzureCollector(
    {
      name: 'demo',
      credential: { kind: 'static_token', token: () => 'any' },
      endpoint: emulator.url,
      batch,
    },
    { now: () => now },
  );
}

beforeAll(async () => {
  emulator = await serveAzure([], {
    traffic,
    offersTiers: () => offer.tiers,
    families: () => offer.families,
  });
});
afterAll(() => emulator.close());

async function readAll(collector: Collector, targets: readonly Target[]): Promise<Sample[]> {
  const all: Sample[] = [];
  for (const target of targets) {
    const request = { target, units: target.units, window, periodSeconds: 60 };
    all.push(...(await collector.collect(request, never)));
  }
  return all;
}

/** Sum of every value of a metric, by lane. */
function metered(samples: readonly Sample[], metric: string): number {
  return samples
    .filter((sample) => sample.metric === metric)
    .reduce((sum, { values }) => sum + values.reduce((total, value) => total + value, 0), 0);
}

function served(lanes: readonly Lane[], amount: (request: Request, lane: Lane) => number): number {
  let sum = 0;
  for (const lane of lanes) {
    for (let minute = window.start; minute < window.end; minute += minuteMs) {
      for (const request of traffic.requests(lane, minute)) sum += amount(request, lane);
    }
  }
  return sum;
}

function byPlace(a: { readonly place: string }, b: { readonly place: string }): number {
  return a.place < b.place ? -1 : 1;
}

/** Every value but the zeros, which come or stay away with the pieces a window is read in. */
function said(samples: readonly Sample[]): readonly string[] {
  return samples
    .flatMap(({ unitKey, dimensions, statistic, starts, values }) =>
      starts.flatMap((start, i) =>
        values[i] === 0 ? [] : [JSON.stringify([unitKey, dimensions, statistic, start, values[i]])],
      ),
    )
    .toSorted();
}

const openai = azureLanes.filter((lane) => lane.format === 'OpenAI');
const claude = azureLanes.filter((lane) => lane.format === 'Anthropic');
const eastern = azureLanes.filter((lane) => lane.resource === 'aoai-east');
const outputRows = ['azure.openai.GeneratedTokens', 'azure.models.OutputTokens'];

const input = (request: Request, lane: Lane) => meteredInput(lane, request);
const output = (request: Request) => request.output;
const oneEach = () => 1;

type Amount = (request: Request, lane: Lane) => number;
/** Of a metric: which deployments tell it, and what of each request it adds up. */
type Sums = Readonly<Record<string, readonly [lanes: readonly Lane[], amount: Amount]>>;

const openaiTokens: Sums = {
  ProcessedPromptTokens: [openai, input],
  GeneratedTokens: [openai, output],
};
const modelsSums: Sums = {
  InputTokens: [azureLanes, input],
  OutputTokens: [azureLanes, output],
  cacheReadInputTokens: [claude, (request) => request.cacheRead],
  ephemeral5mInputTokens: [claude, (request) => request.cacheWrite],
  ModelRequests: [azureLanes, oneEach],
};
const modelsGauges = ['TimeToLastByte', 'NormalizedTimeToFirstToken', 'ProvisionedUtilization'];

interface Defined {
  readonly name: string;
  readonly offer: Offer;
  readonly sums: Sums;
  /** Units beside the sums that no traffic reports. */
  readonly silent: readonly string[];
  readonly gauges: readonly string[];
}

const accounts: readonly Defined[] = [
  {
    name: 'both families, with tiers',
    offer: everything,
    sums: { ...openaiTokens, ...modelsSums },
    silent: ['ephemeral1hInputTokens'],
    gauges: modelsGauges,
  },
  {
    name: 'both families without tiers',
    offer: { ...everything, tiers: false },
    sums: modelsSums,
    silent: ['ephemeral1hInputTokens'],
    gauges: modelsGauges,
  },
  {
    name: 'the OpenAI family alone',
    offer: { ...everything, families: 'openai' },
    sums: { ...openaiTokens, AzureOpenAIRequests: [openai, oneEach] },
    silent: [],
    gauges: [
      'AzureOpenAITTLTInMS',
      'AzureOpenAINormalizedTTFTInMS',
      'AzureOpenAIProvisionedManagedUtilizationV2',
    ],
  },
];

describe.each(accounts)('the collector against accounts that define $name', (defined) => {
  let discovery: Discovery;
  let samples: readonly Sample[];

  beforeAll(async () => {
    offer = defined.offer;
    const collector = collectorOf(false);
    discovery = await collector.discover(never);
    samples = await readAll(collector, discovery.targets);
    await collector.close();
  });
  afterAll(() => {
    offer = everything;
  });

  it('finds every account and deployment with what the scenario says of it', () => {
    expect(discovery.failures).toEqual([]);
    expect(discovery.targets.map(({ resource }) => resource).toSorted()).toEqual([
      'aoai-east',
      'foundry-japan',
      'foundry-sweden',
    ]);
    const found = discovery.inventory.flatMap(({ account, region, resource, items }) =>
      items.map(({ name, attributes, tags }) => ({
        place: `${account}/${region}/${resource}/${name}`,
        sku: attributes['sku'],
        model: attributes['model'],
        format: attributes['format'],
        team: tags['team'],
      })),
    );
    const places = azureLanes.map((lane) => ({
      place: `${lane.account}/${lane.region}/${lane.resource}/${lane.deployment}`,
      sku: lane.sku,
      model: lane.modelName,
      format: lane.format,
      team: lane.tags['team'] ?? (lane.resource === 'foundry-sweden' ? 'search' : undefined),
    }));
    expect(found.toSorted(byPlace)).toEqual(places.toSorted(byPlace));
  });

  it('reads of each account these metrics, and no other', () => {
    const expected = [...Object.keys(defined.sums), ...defined.silent, ...defined.gauges];
    for (const { units } of discovery.targets) {
      expect(units.map(({ metric }) => metric).toSorted()).toEqual(expected.toSorted());
    }
    const told = new Set(samples.map(({ metric }) => metric));
    expect(expected.filter((metric) => !told.has(metric))).toEqual(defined.silent);
  });

  it.each(Object.entries(defined.sums))(
    '%s is what was served, to the token',
    (metric, [lanes, amount]) => {
      const truth = served(lanes, amount);
      expect(truth).toBeGreaterThan(0);
      expect(metered(samples, metric)).toBe(truth);
    },
  );

  it('reads latencies and utilization as three aggregations each', () => {
    const spread = samples.filter(({ metric }) => /TimeTo|TTLT|TTFT|Utilization/.test(metric));
    const statistics = new Set(spread.map(({ metric, statistic }) => `${metric} ${statistic}`));
    const each = ['Average', 'Maximum', 'Minimum'];
    expect([...statistics].toSorted()).toEqual(
      defined.gauges.flatMap((metric) => each.map((one) => `${metric} ${one}`)).toSorted(),
    );
  });

  it('reads the same through the batch data plane', async () => {
    const collector = collectorOf(true);
    const batched = await readAll(collector, discovery.targets);
    await collector.close();
    expect(said(batched)).toEqual(said(samples));
  });
});

describe('dimensions that go and come', () => {
  const withTiers =
    'GeneratedTokens[ModelDeploymentName,ModelVersion,FeatureName,ServiceTierResponse]';
  afterEach(() => {
    offer = everything;
    now = noon;
  });

  it.each<[string, Offer['families'], string[]]>([
    ['leave the wider family to say it alone', 'both', []],
    [
      'leave a unit without them where there is no other family',
      'openai',
      ['GeneratedTokens[ModelDeploymentName,ModelVersion,FeatureName]'],
    ],
  ])('%s, until they are back', async (_name, families, without) => {
    offer = { families, tiers: true };
    const collector = collectorOf(false);
    const look = async () => {
      const { targets, failures } = await collector.discover(never);
      expect(failures).toEqual([]);
      const target = targets.find(({ resource }) => resource === 'aoai-east');
      if (target === undefined) throw new Error('no such target');
      const units = target.units.filter(({ rowId }) => outputRows.includes(rowId));
      const generated = units.filter(({ metric }) => metric === 'GeneratedTokens');
      return { request: { target, units, window, periodSeconds: 60 }, generated };
    };
    try {
      const before = await look();
      expect(before.generated.map(({ key }) => key)).toEqual([withTiers]);
      offer = { families, tiers: false };
      await expect(collector.collect(before.request, never)).rejects.toMatchObject({
        reason: 'bad_response',
        hint: expect.stringMatching(/definitions changed/),
      });
      const meanwhile = await look();
      expect(meanwhile.generated.map(({ key }) => key)).toEqual(without);
      const samples = await collector.collect(meanwhile.request, never);
      const truth = served(eastern, output);
      expect(truth).toBeGreaterThan(0);
      expect(
        new Set(meanwhile.request.units.map(({ metric }) => metered(samples, metric))),
      ).toEqual(new Set([truth]));
      offer = { families, tiers: true };
      now = noon + dayMs;
      expect((await look()).generated.map(({ key }) => key)).toEqual([withTiers]);
    } finally {
      await collector.close();
    }
  });
});

it('the sums the emulator serves from are those of the traffic', () => {
  const aggregates = createAggregates(traffic);
  const [lane] = azureLanes;
  if (lane === undefined) throw new Error('no lane');
  const strand = aggregates.strand(lane) ?? -1;
  let sum = 0;
  for (let minute = window.start; minute < window.end; minute += minuteMs) {
    sum += aggregates.read(strand, minute, 'output');
  }
  expect(sum).toBe(served([lane], (request) => request.output));
});
