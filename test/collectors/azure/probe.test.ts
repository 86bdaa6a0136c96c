import { describe, expect, test } from 'vitest';
import type { Permission } from '../../../agent/core/permission.ts';
import { createAzureCollector } from '../../../collectors/azure/index.ts';
import { metricJson, metricsJson, scriptedServer } from '../../support/azure-server.ts';
import type { Asked, Scripted } from '../../support/azure-server.ts';

const now = Date.UTC(2026, 10, 18, 12);
const subscription = '00000000-0000-0000-0000-000000000001';
const id = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/aoai-east`;
const { signal } = new AbortController();

const denied: Scripted = {
  status: 403,
  body: { error: { code: 'AuthorizationFailed', message: 'No.' } },
};

/** An Azure of one subscription with one account; `instead` answers before it. */
async function probe(
  instead: (asked: Asked) => Scripted | undefined,
  config: { readonly subscriptions?: readonly string[]; readonly batch?: boolean } = {},
): Promise<readonly Permission[]> {
  const server = await scriptedServer((asked) => instead(asked) ?? answer(asked));
  const credential = { kind: 'static_token', token: () => 'sesame' } as const;
  const collector = createAzureCollector(
    { name: 'prod', credential, endpoint: server.url, timeoutMs: 5_000, ...config },
    { now: () => now },
  );
  try {
    return await collector.probe(signal);
  } finally {
    await collector.close();
    await server.close();
  }
}

function answer(asked: Asked): Scripted {
  if (asked.path === '/subscriptions')
    return { body: { value: [{ subscriptionId: subscription }] } };
  if (asked.path.endsWith('/accounts')) {
    const account = { id, name: 'aoai-east', kind: 'OpenAI', location: 'eastus' };
    return { body: { value: [account] } };
  }
  if (asked.path.endsWith('/deployments')) return { body: { value: [] } };
  if (/metricDefinitions$/i.test(asked.path)) {
    const names = ['ModelDeploymentName', 'ModelName', 'ModelVersion'];
    const dimensions = names.map((value) => ({ value }));
    return { body: { value: [{ name: { value: 'InputTokens' }, dimensions }] } };
  }
  return { body: metricsJson(asked, [metricJson('InputTokens', [])]) };
}

const states = (permissions: readonly Permission[]) =>
  permissions.map(({ place, feature, state }) => [place, feature, state].join(' ').trim());

describe('trying the rights of a credential', () => {
  test('finds every one of them, account by account', async () => {
    expect(states(await probe(() => undefined))).toEqual([
      'sign in ok',
      'accounts ok',
      'aoai-east deployments ok',
      'aoai-east list meters ok',
      'aoai-east read meters ok',
    ]);
  });

  test('asks Reader of the subscription whose accounts are refused', async () => {
    const permissions = await probe(({ path }) =>
      path.endsWith('/accounts') ? denied : undefined,
    );
    expect(states(permissions)).toEqual(['sign in ok', 'accounts denied']);
    expect(permissions[1]?.grant).toEqual({
      right: 'Reader',
      to: '',
      on: `/subscriptions/${subscription}`,
    });
  });

  test('takes an empty list of subscriptions for a credential without any role', async () => {
    const permissions = await probe(({ path }) =>
      path === '/subscriptions' ? { body: { value: [] } } : undefined,
    );
    expect(permissions).toMatchObject([
      { feature: 'sign in', state: 'denied', grant: { right: 'Reader' } },
    ]);
  });

  test('does not list subscriptions that are configured, and tells a refused token from a missing role', async () => {
    const config = { subscriptions: [subscription] };
    const listed: string[] = [];
    const permissions = await probe(({ path }) => {
      listed.push(path);
      return undefined;
    }, config);
    expect(listed).not.toContain('/subscriptions');
    expect(states(permissions).slice(0, 2)).toEqual(['sign in ok', 'accounts ok']);

    const unknown: Scripted = {
      status: 401,
      body: { error: { code: 'InvalidAuthenticationToken', message: 'The token is invalid.' } },
    };
    const refused = await probe(() => unknown, config);
    expect(states(refused)).toEqual(['sign in denied', 'accounts not_tried']);
    expect(refused[0]).not.toHaveProperty('grant');

    const forbidden = await probe(
      ({ path }) => (path.endsWith('/accounts') ? denied : undefined),
      config,
    );
    expect(states(forbidden)).toEqual(['sign in ok', 'accounts denied']);
  });

  test('asks Monitoring Reader of the subscription where metrics are read in batches', async () => {
    const isBatch = ({ path }: Asked) => /getBatch$/i.test(path);
    const permissions = await probe((asked) => (isBatch(asked) ? denied : undefined), {
      batch: true,
    });
    expect(permissions.at(-1)).toMatchObject({
      feature: 'read meters',
      state: 'denied',
      grant: { right: 'Monitoring Reader', on: `/subscriptions/${subscription}` },
    });
  });

  test('offers no role where the provider is not registered', async () => {
    const unregistered: Scripted = {
      status: 403,
      body: { error: { code: 'x', message: 'Microsoft.Insights is not registered.' } },
    };
    const permissions = await probe(({ path }) =>
      /metricDefinitions$/i.test(path) ? unregistered : undefined,
    );
    expect(states(permissions).slice(3)).toEqual([
      'aoai-east list meters denied',
      'aoai-east read meters not_tried',
    ]);
    expect(permissions[3]?.hint).toContain('az provider register');
    expect(permissions[3]).not.toHaveProperty('grant');
  });
});
