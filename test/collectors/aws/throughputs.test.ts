import { describe, expect, it } from 'vitest';
import type { ScriptedHandler, ScriptedReply } from '../../support/scripted-server.ts';
import {
  account,
  callerIdentity,
  json,
  listed,
  listing,
  never,
  noProfiles,
  on,
  operationOf,
  refusal,
  signedBy,
  withAws,
} from './fake-aws.ts';

const operation = 'bedrock:ListProvisionedModelThroughputs';
const input = listed('InputTokenCount', { ModelId: 'us.openai.gpt-6-sol' });
const scope = `prod/${account}/us-east-1/provisioned-throughput`;
const titan = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-express-v1:0:8k';

function units(id: string, name: string, change: Readonly<Record<string, unknown>> = {}) {
  return {
    provisionedModelName: name,
    provisionedModelArn: `arn:aws:bedrock:us-east-1:${account}:provisioned-model/${id}`,
    modelArn: titan,
    desiredModelArn: titan,
    foundationModelArn: titan,
    modelUnits: 2,
    desiredModelUnits: 2,
    status: 'InService',
    creationTime: '2026-11-20T08:30:00Z',
    lastModifiedTime: '2026-11-20T09:00:00Z',
    ...change,
  };
}

const chat = units('abcdef000001', 'chat', {
  commitmentDuration: 'OneMonth',
  commitmentExpirationTime: '2026-12-20T08:30:00Z',
});
const search = units('abcdef000002', 'search', { modelUnits: 1, status: 'Updating' });

function rest(body: unknown): ScriptedReply {
  return json(body, 200, { 'content-type': 'application/json' });
}

function throughputs(...summaries: readonly unknown[]): ScriptedHandler {
  return on('ListProvisionedModelThroughputs', () =>
    rest({ provisionedModelSummaries: summaries }),
  );
}

const tagged = on('ListTagsForResource', ({ body }) =>
  rest({ tags: body.includes('abcdef000001') ? [{ key: 'team', value: 'chat' }] : [] }),
);

function discover(handlers: readonly ScriptedHandler[], regions = ['us-east-1']) {
  return withAws(
    [...handlers, callerIdentity, listing(input), noProfiles],
    ({ collector }) => collector.discover(never),
    { regions },
  );
}

async function inventoryOf(...handlers: readonly ScriptedHandler[]) {
  const { inventory, failures } = await discover(handlers);
  expect(failures).toEqual([]);
  return inventory.filter(({ kind }) => kind === 'provisioned_throughput');
}

describe('provisioned throughputs', () => {
  it('are an inventory by the id that stands in ModelId, with units, commitment and tags', async () => {
    const [snapshot] = await inventoryOf(throughputs(search, chat), tagged);
    expect(snapshot).toMatchObject({ cloud: 'aws', account, region: 'us-east-1', resource: '' });
    expect(snapshot?.items).toEqual([
      {
        kind: 'provisioned_throughput',
        name: 'abcdef000001',
        attributes: {
          throughput_name: 'chat',
          arn: `arn:aws:bedrock:us-east-1:${account}:provisioned-model/abcdef000001`,
          model_arn: titan,
          foundation_model_arn: titan,
          model_units: '2',
          status: 'InService',
          commitment: 'OneMonth',
          created_at: '2026-11-20T08:30:00.000Z',
          commitment_expires_at: '2026-12-20T08:30:00.000Z',
        },
        tags: { team: 'chat' },
      },
      expect.objectContaining({
        name: 'abcdef000002',
        attributes: expect.objectContaining({
          model_units: '1',
          status: 'Updating',
          commitment: 'NoCommitment',
          commitment_expires_at: '',
        }),
        tags: {},
      }),
    ]);
  });

  it('are read to the last page', async () => {
    const paged = on('ListProvisionedModelThroughputs', ({ url }) =>
      url.includes('nextToken=more')
        ? rest({ provisionedModelSummaries: [search] })
        : rest({ provisionedModelSummaries: [chat], nextToken: 'more' }),
    );
    const [snapshot] = await inventoryOf(paged, tagged);
    expect(snapshot?.items.map(({ name }) => name)).toEqual(['abcdef000001', 'abcdef000002']);
  });

  it('are looked for where nothing is metered, for what nobody uses is billed too', async () => {
    const [snapshot] = await inventoryOf(
      throughputs(chat),
      tagged,
      on('ListMetrics', () => json({ Metrics: [] })),
    );
    expect(snapshot?.items).toHaveLength(1);
  });

  it('deleted since they were listed are left out', async () => {
    const gone = on('ListTagsForResource', ({ body }) =>
      body.includes('abcdef000002')
        ? json({ message: 'gone' }, 404, { 'x-amzn-errortype': 'ResourceNotFoundException' })
        : undefined,
    );
    const [snapshot] = await inventoryOf(throughputs(chat, search), gone, tagged);
    expect(snapshot?.items.map(({ name }) => name)).toEqual(['abcdef000001']);
  });
});

describe('without them the metrics and profiles stand, and the failure is told', () => {
  const denial = refusal('AccessDeniedException', 403, 'not authorized');
  const answered = (answer: () => ScriptedReply) => [on('ListProvisionedModelThroughputs', answer)];

  it.each<[string, readonly ScriptedHandler[], string, string, RegExp]>([
    [
      'listing denied',
      answered(() => denial),
      'denied',
      operation,
      /lacks bedrock:ListProvisionedModelThroughputs/,
    ],
    [
      'tags denied, for units would read as those of no team',
      [throughputs(chat), on('ListTagsForResource', () => denial)],
      'denied',
      'bedrock:ListTagsForResource',
      /lacks bedrock:ListTagsForResource/,
    ],
    ['an empty body', answered(() => ({ body: '' })), 'bad_response', operation, /./],
    [
      'pages in a circle',
      answered(() => rest({ provisionedModelSummaries: [], nextToken: 'x' })),
      'bad_response',
      operation,
      /./,
    ],
    [
      'units without an ARN',
      [throughputs(units('a', 'a', { provisionedModelArn: undefined }))],
      'bad_response',
      operation,
      /./,
    ],
    [
      'units that are no number',
      [throughputs(units('a', 'a', { modelUnits: 'many' }))],
      'bad_response',
      operation,
      /./,
    ],
    [
      'units that count below zero',
      [throughputs(units('a', 'a', { modelUnits: -1 }))],
      'bad_response',
      operation,
      /./,
    ],
    [
      'throttled',
      answered(() => refusal('ThrottlingException', 429, 'slow down')),
      'throttled',
      operation,
      /./,
    ],
  ])('%s', async (_what, handlers, reason, failed, hint) => {
    const { targets, inventory, failures, scopes } = await discover(handlers);
    expect(targets).toHaveLength(1);
    expect(scopes).toEqual([`prod/${account}/us-east-1`]);
    expect(inventory.map(({ kind }) => kind)).toEqual(['inference_profile']);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ scope, error: { reason, operation: failed } });
    expect(failures[0]?.error.hint).toMatch(hint);
  });

  it('in every region: of those without meters once, and not where one with meters tells it', async () => {
    const denied = on('ListProvisionedModelThroughputs', () => denial);
    const regions = ['eu-west-1', 'us-east-1', 'us-west-2'];
    const inEast = on('ListMetrics', (request) =>
      signedBy(request).region === 'us-east-1' ? undefined : json({ Metrics: [] }),
    );
    const told = await discover([denied, inEast], regions);
    expect(told.failures.map((one) => one.scope)).toEqual([scope]);
    const nowhere = on('ListMetrics', () => json({ Metrics: [] }));
    const first = await discover([denied, nowhere], regions);
    expect(first.failures.map((one) => one.scope)).toEqual([
      `prod/${account}/eu-west-1/provisioned-throughput`,
    ]);
    expect(first.scopes).toHaveLength(3);
  });
});

it('the right is tried with one small call, and what would give it is named', async () => {
  const denied = on('ListProvisionedModelThroughputs', () =>
    refusal('AccessDeniedException', 403, 'User: arn:x is not authorized to perform this'),
  );
  const { permissions, urls } = await withAws(
    [denied, callerIdentity, listing(input), noProfiles],
    async ({ collector, server }) => ({
      permissions: await collector.probe(never),
      urls: server.requests
        .filter((one) => operationOf(one) === 'ListProvisionedModelThroughputs')
        .map(({ url }) => url),
    }),
  );
  expect(urls).toEqual(['/provisioned-model-throughputs?maxResults=1']);
  expect(permissions.find(({ feature }) => feature === 'provisioned throughput')).toMatchObject({
    state: 'denied',
    grant: { right: operation, to: 'arn:x', on: '*' },
  });
});
