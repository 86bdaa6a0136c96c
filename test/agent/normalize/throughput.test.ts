import { expect, it } from 'vitest';
import type { InventorySpan } from '../../../agent/core/inventory.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';

const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
const arn = 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdef000001';
const base = 'arn:aws:bedrock:us-east-1::foundation-model';
const custom = 'arn:aws:bedrock:us-east-1:111122223333:custom-model';

function identify(
  vendorModel: string,
  modelArn: string,
  foundationModelArn = modelArn,
  { name = 'chat', aliases = new Map<string, string>(), metered = '' as const } = {},
) {
  const item: InventorySpan = {
    kind: 'provisioned_throughput',
    name: 'abcdef000001',
    attributes: {
      throughput_name: name,
      arn,
      model_arn: modelArn,
      foundation_model_arn: foundationModelArn,
    },
    tags: { team: 'chat' },
    from: 5,
    to: Number.MAX_SAFE_INTEGER,
    assumed: true,
  };
  const traffic = {
    cloud: 'aws',
    account: '111122223333',
    region: 'us-east-1',
    resource: '',
    endpoint: 'runtime',
    vendorModel,
    deployment: '',
  } as const;
  const facet = { tier: metered, modelName: '', modelVersion: '' };
  const [identity, ...more] = createInterpretation(aliases, switches).identify(traffic, facet, [
    item,
  ]);
  expect(more).toEqual([]);
  return identity;
}

it.each([
  ['its id', 'abcdef000001'],
  ['its ARN', arn],
])(
  'a throughput whose meters say %s has model, tier, name and tags of the inventory',
  (_what, id) => {
    expect(identify(id, `${base}/anthropic.claude-v2:1:18k`)).toMatchObject({
      model: 'anthropic/claude-2.1',
      vendorModel: id,
      deployment: 'chat',
      tier: 'provisioned',
      routing: 'in_region',
      family: 'anthropic',
      confidence: 'inventory',
      tags: { team: 'chat' },
    });
  },
);

it.each([
  [
    'a copy whose ARN names its base',
    `${custom}/amazon.nova-pro-v1:0:300k/aaaabbbbcccc`,
    `${base}/amazon.nova-pro-v1:0`,
    'amazon/nova-pro:ft',
  ],
  [
    'a copy whose ARN says nothing, by the model below it',
    `${custom}/aaaabbbbcccc`,
    `${base}/amazon.nova-pro-v1:0`,
    'amazon/nova-pro:ft',
  ],
  ['a model nobody can name, by its id', 'what', 'what', 'aws/abcdef000001'],
])('the model is that of %s', (_what, modelArn, foundation, model) => {
  expect(identify(arn, modelArn, foundation)).toMatchObject({ model, tier: 'provisioned' });
});

it('an alias may name it by what a person called it', () => {
  const aliases = new Map([['aws/chat', 'acme/in-house']]);
  expect(identify(arn, 'what', 'what', { aliases })).toMatchObject({
    model: 'acme/in-house',
    confidence: 'alias',
  });
});

it('one without a name goes by its id', () => {
  expect(identify(arn, `${base}/amazon.nova-pro-v1:0`, '', { name: '' })).toMatchObject({
    deployment: 'abcdef000001',
  });
});
