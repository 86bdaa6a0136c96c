import { describe, expect, it } from 'vitest';
import type { ScriptedHandler, ScriptedReply } from '../../support/scripted-server.ts';
import {
  account,
  callerIdentity,
  json,
  listed,
  listing,
  never,
  on,
  operationOf,
  refusal,
  withAws,
} from './fake-aws.ts';

const input = listed('InputTokenCount', { ModelId: '0example0001' });
const scope = `prod/${account}/us-east-1/inference-profiles`;

function profile(id: string, name: string, models: readonly string[]) {
  return {
    inferenceProfileName: name,
    inferenceProfileArn: `arn:aws:bedrock:us-east-1:${account}:application-inference-profile/${id}`,
    inferenceProfileId: id,
    models: models.map((modelArn) => ({ modelArn })),
    status: 'ACTIVE',
    type: 'APPLICATION',
  };
}

const chat = profile('0example0001', 'chat', [
  'arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0',
  'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
]);
const search = profile('0example0002', 'search', [
  'arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0',
]);

function rest(body: unknown, status = 200): ScriptedReply {
  return json(body, status, { 'content-type': 'application/json' });
}

function profiles(...summaries: readonly unknown[]): ScriptedHandler {
  return on('ListInferenceProfiles', () => rest({ inferenceProfileSummaries: summaries }));
}

const tagged = on('ListTagsForResource', ({ body }) =>
  rest({
    tags: body.includes('0example0001') ? [{ key: 'team', value: 'chat' }] : [],
  }),
);

/** Without what is listed besides profiles. */
async function discovered(handlers: readonly ScriptedHandler[]) {
  const found = await withAws(handlers, ({ collector }) => collector.discover(never));
  return {
    ...found,
    inventory: found.inventory.filter(({ kind }) => kind === 'inference_profile'),
  };
}

function discover(...handlers: readonly ScriptedHandler[]) {
  return discovered([...handlers, callerIdentity, listing(input)]);
}

describe('application inference profiles', () => {
  it('are an inventory by the id that stands in ModelId, with their tags', async () => {
    const { inventory, failures } = await discover(profiles(search, chat), tagged);
    expect(failures).toEqual([]);
    expect(inventory).toEqual([
      {
        cloud: 'aws',
        account,
        region: 'us-east-1',
        resource: '',
        kind: 'inference_profile',
        items: [
          {
            kind: 'inference_profile',
            name: '0example0001',
            attributes: {
              profile_name: 'chat',
              model_arns:
                'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0 arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0',
            },
            tags: { team: 'chat' },
          },
          {
            kind: 'inference_profile',
            name: '0example0002',
            attributes: {
              profile_name: 'search',
              model_arns:
                'arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0',
            },
            tags: {},
          },
        ],
      },
    ]);
  });

  it('are asked for by type, for without it only those of AWS are listed', async () => {
    const urls = await withAws(
      [profiles(), callerIdentity, listing(input)],
      async ({ collector, server }) => {
        await collector.discover(never);
        return server.requests.filter((one) => operationOf(one) === 'ListInferenceProfiles');
      },
    );
    expect(urls.map(({ url }) => url)).toEqual([
      '/inference-profiles?maxResults=1000&type=APPLICATION',
    ]);
  });

  it('are read to the last page', async () => {
    const paged = on('ListInferenceProfiles', ({ url }) =>
      url.includes('nextToken=more')
        ? rest({ inferenceProfileSummaries: [search] })
        : rest({ inferenceProfileSummaries: [chat], nextToken: 'more' }),
    );
    const { inventory } = await discover(paged, tagged);
    expect(inventory[0]?.items.map(({ name }) => name)).toEqual(['0example0001', '0example0002']);
  });

  it('are an empty inventory where there are none', async () => {
    const { inventory } = await discover(profiles());
    expect(inventory.map(({ items }) => items)).toEqual([[]]);
  });

  it('are not looked at where nothing is metered', async () => {
    const { inventory, failures } = await discovered([callerIdentity, listing()]);
    expect([inventory, failures]).toEqual([[], []]);
  });

  it('deleted since they were listed are left out', async () => {
    const gone = on('ListTagsForResource', ({ body }) =>
      body.includes('0example0002')
        ? json({ message: 'gone' }, 404, { 'x-amzn-errortype': 'ResourceNotFoundException' })
        : undefined,
    );
    const { inventory, failures } = await discover(profiles(chat, search), gone, tagged);
    expect(failures).toEqual([]);
    expect(inventory[0]?.items.map(({ name }) => name)).toEqual(['0example0001']);
  });
});

describe('without them the metrics stand, and the failure is told', () => {
  const denial = refusal('AccessDeniedException', 403, 'not authorized');
  it.each<[string, readonly ScriptedHandler[], string, string, RegExp]>([
    [
      'listing denied',
      [on('ListInferenceProfiles', () => denial)],
      'denied',
      'bedrock:ListInferenceProfiles',
      /lacks bedrock:ListInferenceProfiles/,
    ],
    [
      'tags denied, for a profile would read as one without a team',
      [profiles(chat), on('ListTagsForResource', () => denial)],
      'denied',
      'bedrock:ListTagsForResource',
      /lacks bedrock:ListTagsForResource/,
    ],
    [
      'a listing with an empty body',
      [on('ListInferenceProfiles', () => ({ body: '' }))],
      'bad_response',
      'bedrock:ListInferenceProfiles',
      /./,
    ],
    [
      'tags with an empty body',
      [profiles(chat), on('ListTagsForResource', () => ({ body: '' }))],
      'bad_response',
      'bedrock:ListTagsForResource',
      /./,
    ],
    [
      'pages in a circle',
      [on('ListInferenceProfiles', () => rest({ inferenceProfileSummaries: [], nextToken: 'x' }))],
      'bad_response',
      'bedrock:ListInferenceProfiles',
      /./,
    ],
    [
      'throttled',
      [on('ListInferenceProfiles', () => refusal('ThrottlingException', 429, 'slow down'))],
      'throttled',
      'bedrock:ListInferenceProfiles',
      /./,
    ],
  ])('%s', async (_what, handlers, reason, operation, hint) => {
    const { targets, inventory, failures, scopes } = await discover(...handlers);
    expect(targets).toHaveLength(1);
    expect(scopes).toEqual([`prod/${account}/us-east-1`]);
    expect(inventory).toEqual([]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ scope, error: { reason, operation } });
    expect(failures[0]?.error.hint).toMatch(hint);
  });
});
