import { afterEach, describe, expect, it } from 'vitest';
import type { Discovery } from '../../../agent/core/collector.ts';
import type { AzureConfig } from '../../../collectors/azure/config.ts';
import {
  accountId,
  allDefined,
  azureSources,
  modelsDefined,
  noon,
  openaiDefined,
  rejection,
  secretToken,
  subscription,
} from '../../support/azure-source.ts';
import type { Asked, Scripted } from '../../support/azure-server.ts';

const never = new AbortController().signal;
const other = '00000000-0000-0000-0000-000000000002';

function account(name: string, rest: Readonly<Record<string, unknown>> = {}, of = subscription) {
  return { id: accountId(name, 'rg-ai', of), name, kind: 'OpenAI', location: 'East US', ...rest };
}

function definition({ name, dimensions }: (typeof allDefined)[number]) {
  return {
    name: { value: name, localizedValue: name },
    dimensions: dimensions.map((value) => ({ value, localizedValue: value })),
  };
}

const gpt4o = {
  name: 'gpt-4o-prod',
  sku: { name: 'GlobalStandard', capacity: 450 },
  tags: { team: 'search' },
  properties: {
    model: { format: 'OpenAI', name: 'gpt-4o', version: '2024-11-20' },
    rateLimits: [
      { key: 'request', renewalPeriod: 10, count: 450 },
      { key: 'token', renewalPeriod: 30, count: 225_000 },
    ],
    spilloverDeploymentName: 'spill',
  },
};

/** What each listing answers, by the last words of its path; the default is one account with one deployment. */
type Listings = Partial<
  Record<
    'subscriptions' | 'accounts' | 'deployments' | 'metricDefinitions',
    (asked: Asked) => Scripted
  >
>;

function answer(listings: Listings, asked: Asked): Scripted {
  const word = asked.path.split('/').at(-1) ?? '';
  const given = Object.entries(listings).find(([name]) => name === word)?.[1];
  if (given !== undefined) return given(asked);
  if (word === 'subscriptions') {
    return { body: { value: [{ subscriptionId: subscription }, { subscriptionId: other }] } };
  }
  if (word === 'accounts') {
    const mine = asked.path.includes(subscription);
    return { body: { value: mine ? [account('aoai-1', { tags: { env: 'prod' } })] : [] } };
  }
  if (word === 'deployments') return { body: { value: [gpt4o] } };
  if (word === 'metricDefinitions') return { body: { value: allDefined.map(definition) } };
  throw new Error(`unexpected ${asked.target}`);
}

const sources = azureSources();
afterEach(() => sources.close());

async function start(listings: Listings, rest: Partial<AzureConfig> = {}) {
  const clock = { now: noon };
  const { server, collector } = await sources.start(
    (asked) => answer(listings, asked),
    rest,
    () => clock.now,
  );
  return { server, clock, discover: () => collector.discover(never) };
}

async function discovered(listings: Listings): Promise<Discovery> {
  return (await start(listings)).discover();
}

const denied: Scripted = {
  status: 403,
  body: { error: { code: 'AuthorizationFailed', message: 'The client has no authorization' } },
};
/** What is read of an account that defines everything: tokens of both families, the rest of the wider one. */
const saidOnce = [
  'ProcessedPromptTokens',
  'GeneratedTokens',
  'InputTokens',
  'OutputTokens',
  'cacheReadInputTokens',
  'ephemeral5mInputTokens',
  'ephemeral1hInputTokens',
  'ModelRequests',
  'TimeToLastByte',
  'NormalizedTimeToFirstToken',
  'ProvisionedUtilization',
];

/** Of the first target. */
function metricsOf({ targets }: Pick<Discovery, 'targets'>): readonly string[] | undefined {
  return targets[0]?.units.map(({ metric }) => metric);
}

const target1 = `prod-azure/${subscription}/eastus/aoai-1`;

describe('what discovery finds', () => {
  it('is a target an account, with its units, and its deployments as inventory', async () => {
    const discovery = await discovered({});
    expect(discovery.failures).toEqual([]);
    expect(discovery.scopes).toEqual([`prod-azure/${subscription}`, `prod-azure/${other}`]);
    expect(discovery.targets).toMatchObject([
      {
        id: target1,
        source: 'prod-azure',
        cloud: 'azure',
        account: subscription,
        region: 'eastus',
        resource: 'aoai-1',
        rememberUnits: false,
        retention: [
          { periodSeconds: 60, ageSeconds: 93 * 86_400 },
          { periodSeconds: 3_600, ageSeconds: 93 * 86_400 },
        ],
      },
    ]);
    expect(metricsOf(discovery)).toEqual(saidOnce);
    expect(discovery.inventory).toEqual([
      {
        cloud: 'azure',
        account: subscription,
        region: 'eastus',
        resource: 'aoai-1',
        kind: 'deployment',
        items: [
          {
            kind: 'deployment',
            name: 'gpt-4o-prod',
            attributes: {
              format: 'OpenAI',
              model: 'gpt-4o',
              version: '2024-11-20',
              sku: 'GlobalStandard',
              capacity: '450',
              spillover: 'spill',
              tpm: '450000',
            },
            tags: { env: 'prod', team: 'search' },
          },
        ],
      },
    ]);
  });

  it.each<[string, typeof allDefined]>([
    ['the OpenAI family', openaiDefined],
    ['the Models family', modelsDefined],
  ])('is a unit a metric where an account defines %s alone', async (_name, defined) => {
    const discovery = await discovered({
      metricDefinitions: () => ({ body: { value: defined.map(definition) } }),
    });
    expect(discovery.failures).toEqual([]);
    expect(metricsOf(discovery)).toEqual(defined.map(({ name }) => name));
  });

  it('tells accounts with deployments of the same name apart', async () => {
    const { targets, inventory } = await discovered({
      accounts: ({ path }) => ({
        body: {
          value: path.includes(subscription)
            ? [account('aoai-1'), account('aoai-2', { kind: 'AIServices' })]
            : [],
        },
      }),
    });
    expect(targets.map(({ resource }) => resource)).toEqual(['aoai-1', 'aoai-2']);
    expect(inventory.map(({ resource, items }) => [resource, items[0]?.name])).toEqual([
      ['aoai-1', 'gpt-4o-prod'],
      ['aoai-2', 'gpt-4o-prod'],
    ]);
  });

  it('leaves out accounts that run no models', async () => {
    const { targets, server } = await start({
      accounts: () => ({
        body: {
          value: ['SpeechServices', 'ComputerVision', null].map((kind, i) =>
            account(`a${i}`, { kind }),
          ),
        },
      }),
    }).then(async ({ server: at, discover }) => ({ ...(await discover()), server: at }));
    expect(targets).toEqual([]);
    expect(server.asked.filter(({ path }) => path.includes('deployments'))).toEqual([]);
  });

  it('takes the subscriptions of the configuration, each once, and lists none', async () => {
    const { discover, server } = await start(
      {},
      { subscriptions: [subscription, subscription.toUpperCase()] },
    );
    expect((await discover()).scopes).toEqual([`prod-azure/${subscription}`]);
    expect(server.asked.filter(({ path }) => path === '/subscriptions')).toEqual([]);
  });

  it('sends the token, the versions of the API and single slashes', async () => {
    const { discover, server } = await start({});
    await discover();
    for (const { authorization, target } of server.asked) {
      expect(authorization).toBe(`Bearer ${secretToken}`);
      expect(target).not.toContain('//');
    }
    const versions = server.asked.map(({ path, query }) => [
      path.split('/').at(-1),
      query.get('api-version'),
    ]);
    expect(new Map(versions.map(([word, version]) => [word, version]))).toEqual(
      new Map([
        ['subscriptions', '2022-12-01'],
        ['accounts', '2025-09-01'],
        ['deployments', '2025-09-01'],
        ['metricDefinitions', '2024-02-01'],
      ]),
    );
  });
});

describe('listings of several pages', () => {
  it('are read to the end', async () => {
    const pages = [['d1', 'd2'], ['d3'], [], ['d4']];
    const { inventory, failures } = await discovered({
      deployments: ({ path, query }) => {
        const page = Number(query.get('$skiptoken') ?? '0');
        const next = `https://elsewhere.example.com${path}?api-version=2025-09-01&$skiptoken=${page + 1}`;
        return {
          body: {
            value: (pages[page] ?? []).map((name) => ({ ...gpt4o, name })),
            ...(page + 1 < pages.length ? { nextLink: next } : {}),
          },
        };
      },
    });
    expect(failures).toEqual([]);
    expect(inventory[0]?.items.map((item) => item.name)).toEqual(['d1', 'd2', 'd3', 'd4']);
  });

  it.each([
    [
      'that name the same page again',
      ({ target }: Asked) => ({ body: { value: [], nextLink: target } }),
    ],
    ['without their list', () => ({ body: {} })],
    ['with a list of something else', () => ({ body: { value: [{ nothing: true }] } })],
    ['that are not JSON', () => ({ body: 'not JSON' })],
  ])('%s are a failure of their scope', async (_name, deployments) => {
    const { failures, targets, inventory } = await discovered({ deployments });
    expect(failures.map(({ scope, error }) => [scope, error.reason])).toEqual([
      [`${target1}/deployments`, 'bad_response'],
    ]);
    expect(targets).toHaveLength(1);
    expect(inventory).toEqual([]);
  });
});

describe('what cannot be looked at', () => {
  it('is a failure of its subscription, and the others go on', async () => {
    const { failures, scopes, targets } = await discovered({
      accounts: (asked) =>
        asked.path.includes(other) ? denied : { body: { value: [account('aoai-1')] } },
    });
    expect(failures).toMatchObject([
      {
        scope: `prod-azure/${other}`,
        error: { reason: 'denied', hint: `Grant Reader on subscription ${other}.` },
      },
    ]);
    expect(scopes).toEqual([`prod-azure/${subscription}`]);
    expect(targets).toHaveLength(1);
  });

  it('is thrown when it is everything', async () => {
    const { discover } = await start({ accounts: () => denied });
    expect(await rejection(discover())).toMatchObject({ reason: 'denied' });
  });

  it('is thrown when not even subscriptions can be listed', async () => {
    const { discover } = await start({ subscriptions: () => denied });
    expect(await rejection(discover())).toMatchObject({
      reason: 'denied',
      operation: 'Microsoft.Resources/subscriptions/read',
    });
  });

  it('is everything where the credential sees no subscription at all', async () => {
    const { discover } = await start({ subscriptions: () => ({ body: { value: [] } }) });
    expect(await rejection(discover())).toMatchObject({
      reason: 'denied',
      message: expect.stringMatching(/the credential sees none/),
    });
  });

  it('includes a subscription that is listed no more, for its role may have been taken away', async () => {
    let seen = [subscription, other];
    const { discover } = await start({
      subscriptions: () => ({
        body: { value: seen.map((subscriptionId) => ({ subscriptionId })) },
      }),
    });
    expect((await discover()).failures).toEqual([]);
    seen = [subscription];
    const later = await discover();
    expect(later.failures).toMatchObject([
      { scope: `prod-azure/${other}`, error: { reason: 'denied' } },
    ]);
    expect(later.scopes).toEqual([`prod-azure/${subscription}`]);
  });

  it('hides the target of an account without definitions, and keeps its deployments', async () => {
    const { failures, targets, inventory } = await discovered({ metricDefinitions: () => denied });
    expect(failures).toMatchObject([{ scope: target1, error: { reason: 'denied' } }]);
    expect(failures[0]?.error.hint).toMatch(/Monitoring Reader on account aoai-1/);
    expect(targets).toEqual([]);
    expect(inventory).toHaveLength(1);
  });

  it.each([
    ['no list', {}],
    ['an empty list', { value: [] }],
  ])('definitions with %s are no definitions', async (_name, body) => {
    const { failures } = await discovered({ metricDefinitions: () => ({ body }) });
    expect(failures).toMatchObject([{ scope: target1, error: { reason: 'bad_response' } }]);
  });

  it('reports a metric that lost a dimension it needs, and keeps the rest of the target', async () => {
    const { failures, targets } = await discovered({
      metricDefinitions: () => ({
        body: {
          value: allDefined.map(({ name, dimensions }) =>
            definition({
              name,
              dimensions: name === 'ModelRequests' ? ['ModelName'] : dimensions,
            }),
          ),
        },
      }),
    });
    expect(failures).toMatchObject([{ scope: `${target1}/metrics` }]);
    expect(failures[0]?.error.message).toContain('ModelRequests without ModelDeploymentName');
    expect(metricsOf({ targets })).toEqual(
      saidOnce.map((name) => (name === 'ModelRequests' ? 'AzureOpenAIRequests' : name)),
    );
  });

  it('carries no token in its message though Azure sends it back', async () => {
    const { failures } = await discovered({
      accounts: (asked) =>
        asked.path.includes(other)
          ? {
              status: 403,
              body: {
                error: { code: 'No', message: `you sent ${asked.authorization} (${secretToken})` },
              },
            }
          : { body: { value: [] } },
    });
    expect(failures[0]?.error.message).toContain('you sent Bearer ***');
    expect(JSON.stringify(failures[0]) + failures[0]?.error.message).not.toContain(secretToken);
  });
});

describe('metric definitions over time', () => {
  it('are asked for once a day, and kept when a later look fails', async () => {
    let refuse = false;
    const { discover, server, clock } = await start({
      metricDefinitions: () => (refuse ? denied : { body: { value: allDefined.map(definition) } }),
    });
    const looks = () =>
      server.asked.filter(({ path }) => path.includes('metricDefinitions')).length;
    await discover();
    clock.now += 23 * 3_600_000;
    await discover();
    expect(looks()).toBe(1);
    clock.now += 2 * 3_600_000;
    refuse = true;
    const stale = await discover();
    expect(looks()).toBe(2);
    expect(metricsOf(stale)).toEqual(saidOnce);
    expect(stale.failures).toMatchObject([
      { scope: `${target1}/metrics`, error: { reason: 'denied' } },
    ]);
  });
});
