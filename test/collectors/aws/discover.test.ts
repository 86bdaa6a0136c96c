import { describe, expect, it } from 'vitest';
import { bedrockRegions } from '../../../collectors/aws/regions.ts';
import type { AwsConfig } from '../../../collectors/aws/index.ts';
import type { ScriptedHandler } from '../../support/scripted-server.ts';
import {
  account,
  assumeRole,
  callerIdentity,
  failureOf,
  json,
  listed,
  listing,
  never,
  noProfiles,
  on,
  operationOf,
  otherAccount,
  ownKey,
  refusal,
  roleKey,
  signedBy,
  withAws,
} from './fake-aws.ts';

const sol = { ModelId: 'us.openai.gpt-6-sol' };
const input = listed('InputTokenCount', sol);
const mantle = listed(
  'Inferences',
  { Model: 'openai.gpt-5.5', Project: 'default' },
  'AWS/BedrockMantle',
);
const basics = [callerIdentity, noProfiles, assumeRole];
const roles = [
  { arn: `arn:aws:iam::${account}:role/crossbill` },
  { arn: `arn:aws:iam::${otherAccount}:role/crossbill` },
];

function discover(handlers: readonly ScriptedHandler[], config: Partial<AwsConfig> = {}) {
  return withAws([...handlers, ...basics], ({ collector }) => collector.discover(never), config);
}

/** Denies a listing in the regions given. */
function denied(...regions: readonly string[]): ScriptedHandler {
  return on('ListMetrics', (request) =>
    regions.includes(signedBy(request).region)
      ? refusal('AccessDeniedException', 403, 'not authorized', 'AccessDenied')
      : undefined,
  );
}

describe('discover', () => {
  it('finds a target for each namespace that has meters, ready to be collected', async () => {
    const found = await discover([listing(input, mantle)]);
    expect(found.failures).toEqual([]);
    expect(found.scopes).toEqual([`prod/${account}/us-east-1`]);
    expect(found.targets.map(({ id }) => id)).toEqual([
      `prod/${account}/us-east-1/AWS/Bedrock`,
      `prod/${account}/us-east-1/AWS/BedrockMantle`,
    ]);
    const [runtime] = found.targets;
    expect(runtime).toMatchObject({
      source: 'prod',
      cloud: 'aws',
      account,
      region: 'us-east-1',
      resource: '',
      labels: { namespace: 'AWS/Bedrock' },
      rememberUnits: true,
      retention: [
        { periodSeconds: 60, ageSeconds: 1_296_000 },
        { periodSeconds: 300, ageSeconds: 5_443_200 },
        { periodSeconds: 3_600, ageSeconds: 39_312_000 },
      ],
      units: [
        {
          key: 'InputTokenCount{ModelId="us.openai.gpt-6-sol"}',
          rowId: 'aws.bedrock.input',
          metric: 'InputTokenCount',
          dimensions: sol,
        },
      ],
    });
    expect(runtime?.rows.map(({ namespace }) => namespace)).toEqual(
      runtime?.rows.map(() => 'AWS/Bedrock'),
    );
    expect(runtime?.rows.map(({ id }) => id)).toContain('aws.bedrock.cache_read');
  });

  it('is not fooled by a listing that holds more than one dimension set of a meter', async () => {
    const tiers = { ServiceTier: 'flex', ResolvedServiceTier: 'flex' };
    const { targets } = await discover([
      listing(
        listed('InputTokenCount', {}),
        input,
        listed('InputTokenCount', { ...sol, ...tiers }),
        listed('EstimatedTPMQuotaUsage', { ...sol, ...tiers }),
      ),
    ]);
    expect(targets[0]?.units.map(({ rowId }) => rowId)).toEqual([
      'aws.bedrock.input.tier',
      'aws.bedrock.input',
    ]);
    expect(targets[0]?.labels['unknown_sets']).toBeUndefined();
  });

  it('counts dimension sets it does not know, and tells of a namespace that has only those', async () => {
    const { targets } = await discover([
      listing(listed('InputTokenCount', { ...sol, ContextWindow: '200K' })),
    ]);
    expect(targets).toHaveLength(1);
    expect(targets[0]?.units).toEqual([]);
    expect(targets[0]?.labels).toMatchObject({
      unknown_sets: '1',
      unknown_set_names: 'ContextWindow+ModelId',
    });
  });

  it('reads every page of a listing, empty ones too', async () => {
    const books = new Map([
      [undefined, { Metrics: [input], NextToken: 'a' }],
      ['a', { Metrics: [], NextToken: 'b' }],
      ['b', { Metrics: [listed('Invocations', sol)] }],
    ]);
    const paged = on('ListMetrics', ({ body }) => {
      const { Namespace, NextToken } = JSON.parse(body) as {
        Namespace: string;
        NextToken?: string;
      };
      return json(Namespace === 'AWS/Bedrock' ? books.get(NextToken) : { Metrics: [] });
    });
    const { targets } = await discover([paged]);
    expect(targets[0]?.units.map(({ metric }) => metric)).toEqual([
      'InputTokenCount',
      'Invocations',
    ]);
  });

  it('finds nothing, and fails at nothing, where nothing is metered or bought', async () => {
    const place = { cloud: 'aws', account, region: 'us-east-1', resource: '' };
    expect(await discover([listing()])).toEqual({
      scopes: [`prod/${account}/us-east-1`],
      targets: [],
      inventory: [{ ...place, kind: 'provisioned_throughput', items: [] }],
      failures: [],
    });
  });
});

describe('regions', () => {
  it('are looked at each, and those that list nothing have no target', async () => {
    const inEurope = on('ListMetrics', (request) =>
      signedBy(request).region === 'eu-central-1' ? undefined : json({ Metrics: [] }),
    );
    const { targets, scopes } = await discover([inEurope, listing(input)], {
      regions: ['us-east-1', 'eu-central-1', 'us-east-1'],
    });
    expect(targets.map(({ region }) => region)).toEqual(['eu-central-1']);
    expect(scopes).toEqual([`prod/${account}/us-east-1`, `prod/${account}/eu-central-1`]);
  });

  it('are all of Bedrock with auto', async () => {
    const asked = await withAws(
      [listing(), ...basics],
      async ({ collector, server }) => {
        await collector.discover(never);
        return server.requests
          .filter((request) => operationOf(request) === 'ListMetrics')
          .map((request) => signedBy(request).region);
      },
      { regions: 'auto' },
    );
    expect(new Set(asked)).toEqual(new Set(bedrockRegions));
    expect(asked).toHaveLength(bedrockRegions.length * 2);
  });

  it('that are denied hide nothing else', async () => {
    const { targets, failures, scopes } = await discover([denied('us-east-1'), listing(input)], {
      regions: ['us-east-1', 'eu-central-1'],
    });
    expect(targets.map(({ id }) => id)).toEqual([`prod/${account}/eu-central-1/AWS/Bedrock`]);
    expect(scopes).toEqual([`prod/${account}/eu-central-1`]);
    expect(failures.map(({ scope }) => scope)).toEqual([`prod/${account}/us-east-1`]);
    expect(failures[0]?.error).toMatchObject({
      reason: 'denied',
      operation: 'cloudwatch:ListMetrics',
      hint: `arn:aws:iam::${account}:user/agent lacks cloudwatch:ListMetrics: add it to that role's or user's policy.`,
    });
  });

  it('that are not enabled are failures that say so', async () => {
    const off = on('ListMetrics', (request) =>
      signedBy(request).region === 'ap-east-2'
        ? refusal('UnrecognizedClientException', 403, 'The security token is invalid')
        : undefined,
    );
    const { failures } = await discover([off, listing(input)], {
      regions: ['us-east-1', 'ap-east-2'],
    });
    expect(failures[0]?.error.hint).toMatch(/not enabled there: enable it, or list the regions/);
  });

  it('fail by namespace where only one cannot be listed', async () => {
    const noMantle = on('ListMetrics', ({ body }) =>
      body.includes('AWS/BedrockMantle') ? { body: '' } : undefined,
    );
    const { targets, failures, scopes } = await discover([noMantle, listing(input)]);
    expect(targets).toHaveLength(1);
    expect(scopes).toEqual([`prod/${account}/us-east-1/AWS/Bedrock`]);
    expect(failures.map(({ scope, error }) => [scope, error.reason])).toEqual([
      [`prod/${account}/us-east-1/AWS/BedrockMantle`, 'bad_response'],
    ]);
  });
});

describe('discover throws when nothing could be looked at', () => {
  const circle = on('ListMetrics', () => json({ Metrics: [input], NextToken: 'again' }));

  it.each<[string, ScriptedHandler, string, RegExp]>([
    ['denied everywhere', denied('us-east-1', 'eu-west-1'), 'denied', /AccessDenied/],
    ['an empty body', on('ListMetrics', () => ({ body: '' })), 'bad_response', /answer is empty/],
    ['no list of metrics', on('ListMetrics', () => json({})), 'bad_response', /answer is empty/],
    ['a listing in a circle', circle, 'bad_response', /same page token came back twice/],
    ['a page of HTML', on('ListMetrics', () => ({ body: '<html>' })), 'bad_response', /Syntax/],
    [
      'throttled',
      on('ListMetrics', () => refusal('ThrottlingException', 400, 'Rate exceeded')),
      'throttled',
      /Rate exceeded/,
    ],
    ['cut off', on('ListMetrics', () => 'reset'), 'unreachable', /hang up|ECONNRESET/],
    [
      'credentials that AWS does not know',
      on('GetCallerIdentity', () => ({
        status: 403,
        body: '<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>',
      })),
      'denied',
      /sts:GetCallerIdentity.*InvalidClientTokenId: The security token/,
    ],
    ['an identity cut off', on('GetCallerIdentity', () => 'reset'), 'unreachable', /./],
  ])('%s', async (_what, handler, reason, message) => {
    const failure = await failureOf(
      discover([handler, listing(input)], { regions: ['us-east-1', 'eu-west-1'] }),
    );
    expect(failure.message).toMatch(message);
    expect(failure.reason).toBe(reason);
  });

  it('no answer in time', async () => {
    const hanging = on('ListMetrics', () => 'hang');
    const failure = await failureOf(discover([hanging], { timeoutMs: 50 }));
    expect(failure).toMatchObject({ reason: 'timeout', operation: 'cloudwatch:ListMetrics' });
  });

  it('an identity that does not come in time', async () => {
    const hanging = on('GetCallerIdentity', () => 'hang');
    const failure = await failureOf(discover([hanging], { timeoutMs: 50 }));
    expect(failure).toMatchObject({ reason: 'timeout', operation: 'sts:GetCallerIdentity' });
  });

  it('stopped by its caller', async () => {
    const stop = new AbortController();
    const stopping = on('ListMetrics', (request) => {
      if (signedBy(request).region !== 'eu-west-1') return undefined;
      stop.abort();
      return 'hang';
    });
    const attempt = withAws(
      [stopping, listing(input), ...basics],
      ({ collector }) => failureOf(collector.discover(stop.signal)),
      { regions: ['us-east-1', 'eu-west-1'] },
    );
    expect((await attempt).message).toMatch(/stopped before the answer came/);
  });
});

describe('roles', () => {
  it('are one account each, read with their own credentials', async () => {
    const keys = new Set<string>();
    const noting = on('ListMetrics', (request) => {
      keys.add(signedBy(request).key);
      return undefined;
    });
    const { targets } = await discover([noting, listing(input)], { roles });
    expect(targets.map(({ account: of }) => of)).toEqual([account, otherAccount]);
    expect(keys).toEqual(new Set([roleKey(account), roleKey(otherAccount)]));
  });

  it('that are denied are one failure of their account, and hide no other', async () => {
    const refusing = on('AssumeRole', ({ body }) =>
      body.includes(otherAccount)
        ? {
            status: 403,
            body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::${account}:user/agent is not authorized to perform: sts:AssumeRole on resource: ${roles[1]?.arn}</Message></Error></ErrorResponse>`,
          }
        : undefined,
    );
    const { targets, failures, scopes } = await discover([refusing, listing(input)], {
      roles,
      regions: ['us-east-1', 'eu-west-1'],
    });
    expect(targets.map(({ account: of }) => of)).toEqual([account, account]);
    expect(scopes).toEqual([`prod/${account}/us-east-1`, `prod/${account}/eu-west-1`]);
    expect(failures.map(({ scope }) => scope)).toEqual([`prod/${otherAccount}`]);
    expect(failures[0]?.error).toMatchObject({ reason: 'denied', operation: 'sts:AssumeRole' });
    expect(failures[0]?.error.hint).toMatch(
      `arn:aws:iam::${account}:user/agent lacks sts:AssumeRole on ${roles[1]?.arn}`,
    );
  });

  it('that STS does not answer for are failures in time', async () => {
    const hanging = on('AssumeRole', ({ body }) =>
      body.includes(otherAccount) ? 'hang' : undefined,
    );
    const { failures } = await discover([hanging, listing(input)], { roles, timeoutMs: 2_000 });
    expect(failures.map(({ scope, error }) => [scope, error.reason, error.operation])).toEqual([
      [`prod/${otherAccount}`, 'timeout', 'sts:AssumeRole'],
    ]);
  });
});

describe('linked accounts', () => {
  const owners = on('ListMetrics', ({ body }) => {
    const asked = JSON.parse(body) as { Namespace: string; IncludeLinkedAccounts?: boolean };
    if (asked.IncludeLinkedAccounts !== true) return undefined;
    return json(
      asked.Namespace === 'AWS/Bedrock'
        ? { Metrics: [input, input], OwningAccounts: [account, otherAccount] }
        : { Metrics: [], OwningAccounts: [] },
    );
  });

  it('are a target each, read through the monitoring account', async () => {
    const { targets, scopes } = await discover([owners], { linkedAccounts: true });
    expect(
      targets.map(({ id, account: of, labels }) => [id, of, labels['monitoring_account']]),
    ).toEqual([
      [`prod/${account}/us-east-1/AWS/Bedrock`, account, account],
      [`prod/${otherAccount}/us-east-1/AWS/Bedrock`, otherAccount, account],
    ]);
    expect(scopes).toContain('prod/');
  });

  it('that a role reads too are one target, read by the role', async () => {
    const none = on('ListMetrics', (request) =>
      signedBy(request).key === roleKey(otherAccount)
        ? json({ Metrics: [input], OwningAccounts: [otherAccount] })
        : undefined,
    );
    const { targets } = await discover([none, owners], { linkedAccounts: true, roles });
    const through = targets.map(({ account: of, labels }) => [
      of,
      labels['monitoring_account'],
      labels['namespace'],
    ]);
    expect(through).toContainEqual([otherAccount, otherAccount, 'AWS/Bedrock']);
    expect(through).not.toContainEqual([otherAccount, account, 'AWS/Bedrock']);
  });

  it('without their owners named are a failure, for their usage would be taken for ours', async () => {
    const { targets, failures } = await discover([listing(input)], { linkedAccounts: true });
    expect(targets).toEqual([]);
    expect(failures[0]).toMatchObject({
      scope: `prod/${account}/us-east-1/AWS/Bedrock`,
      error: { reason: 'bad_response' },
    });
    expect(failures[0]?.error.message).toMatch(/is this a monitoring account/);
  });

  it('are not asked for unless wanted', async () => {
    const bodies = await withAws([listing(input), ...basics], async ({ collector, server }) => {
      await collector.discover(never);
      return server.requests.map(({ body }) => body).join(' ');
    });
    expect(bodies).not.toContain('IncludeLinkedAccounts');
  });
});

describe('the account of own credentials', () => {
  it('is asked of STS, signed by them', async () => {
    const asked = await withAws([listing(input), ...basics], async ({ collector, server }) => {
      await collector.discover(never);
      return server.requests.filter((request) => operationOf(request) === 'GetCallerIdentity');
    });
    expect(asked.map((request) => signedBy(request))).toEqual([
      { key: ownKey, region: 'us-east-1', service: 'sts' },
    ]);
  });
});
