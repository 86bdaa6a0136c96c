import type { Lane } from './lane.ts';
import type { AwsLane, InferenceProfile } from './scenario-lane.ts';

interface Place {
  readonly account: string;
  readonly region: string;
}

const ownEast: Place = { account: '111122223333', region: 'us-east-1' };
const ownFrankfurt: Place = { account: '111122223333', region: 'eu-central-1' };
const otherEast: Place = { account: '444455556666', region: 'us-east-1' };
const otherOregon: Place = { account: '444455556666', region: 'us-west-2' };
const otherFrankfurt: Place = { account: '444455556666', region: 'eu-central-1' };

type Model = Pick<Lane, 'model' | 'modelVersion' | 'family' | 'cacheMeters'>;

const gpt56: Model = {
  model: 'openai/gpt-5.6-sol',
  modelVersion: '',
  family: 'openai',
  cacheMeters: true,
};
const gptOss: Model = {
  model: 'openai/gpt-oss-120b',
  modelVersion: '',
  family: 'openai',
  cacheMeters: false,
};
const sonnet: Model = {
  model: 'anthropic/claude-sonnet-4-6',
  modelVersion: '',
  family: 'anthropic',
  cacheMeters: true,
};
const opus: Model = { ...sonnet, model: 'anthropic/claude-opus-4-7' };
const novaPro: Model = {
  model: 'amazon/nova-pro',
  modelVersion: '',
  family: 'amazon-nova',
  cacheMeters: true,
};
const kimi: Model = {
  model: 'moonshotai/kimi-k2.5',
  modelVersion: '',
  family: 'other',
  cacheMeters: false,
};
const glm: Model = { model: 'zai/glm-5', modelVersion: '', family: 'other', cacheMeters: false };

function common(place: Place, endpoint: 'runtime' | 'mantle') {
  return { ...place, cloud: 'aws', resource: '', endpoint, tiers: { standard: 1 } } as const;
}

type Extras = Partial<
  Pick<AwsLane, 'tiers' | 'profile' | 'cacheSpelling' | 'season' | 'deployment'>
>;

function runtime(
  place: Place,
  modelId: string,
  model: Model,
  weight: number,
  extras: Extras = {},
): AwsLane {
  const id = `aws/${place.account}/${place.region}/runtime/${modelId}`;
  return {
    ...common(place, 'runtime'),
    id,
    vendorModel: modelId,
    deployment: '',
    weight,
    ...model,
    ...extras,
  };
}

/** Mantle keeps no cache meters, whatever the model. */
function mantle(place: Place, project: string, vendorModel: string, weight: number): AwsLane {
  return {
    ...common(place, 'mantle'),
    id: `aws/${place.account}/${place.region}/mantle/${project}/${vendorModel}`,
    vendorModel,
    deployment: project,
    model: vendorModel.replace('.', '/'),
    modelVersion: '',
    family: 'openai',
    cacheMeters: false,
    weight,
  };
}

const checkout: InferenceProfile = {
  id: '0example0001',
  name: 'checkout-assistant',
  modelArns: ['us-east-1', 'us-east-2', 'us-west-2'].map(
    (region) => `arn:aws:bedrock:${region}::foundation-model/anthropic.claude-sonnet-4-6`,
  ),
  tags: { team: 'checkout' },
};

/** The AWS half of the traffic. */
export const awsLanes: readonly AwsLane[] = [
  runtime(ownEast, 'us.openai.gpt-5.6-sol', gpt56, 10),
  runtime(ownEast, 'global.openai.gpt-5.6-sol', gpt56, 7),
  runtime(ownEast, 'openai.gpt-oss-120b-1:0', gptOss, 6, {
    tiers: { standard: 0.6, flex: 0.25, priority: 0.15 },
  }),
  runtime(ownEast, 'us.anthropic.claude-sonnet-4-6', sonnet, 10),
  runtime(ownEast, 'us.anthropic.claude-opus-4-7', opus, 4),
  runtime(ownEast, 'amazon.nova-pro-v1:0', novaPro, 5),
  runtime(ownEast, checkout.id, sonnet, 5, { profile: checkout, deployment: checkout.name }),
  mantle(ownEast, 'default', 'openai.gpt-5.4', 3),
  mantle(ownEast, 'default', 'openai.gpt-5.5', 4),
  mantle(ownEast, 'proj_search', 'openai.gpt-5.5', 5),
  mantle(ownEast, 'proj_search', 'openai.gpt-5.6-sol', 6),
  runtime(ownFrankfurt, 'global.openai.gpt-5.6-sol', gpt56, 5, {
    cacheSpelling: 'InputTokenCount',
  }),
  runtime(ownFrankfurt, 'eu.anthropic.claude-sonnet-4-6', sonnet, 7, {
    cacheSpelling: 'InputTokenCount',
  }),
  runtime(ownFrankfurt, 'amazon.nova-pro-v1:0', novaPro, 3, { cacheSpelling: 'InputTokenCount' }),
  runtime(otherEast, 'us.anthropic.claude-sonnet-4-6', sonnet, 6),
  runtime(otherEast, 'openai.gpt-oss-120b-1:0', gptOss, 3),
  mantle(otherEast, 'default', 'openai.gpt-5.5', 3),
  runtime(otherOregon, 'us.openai.gpt-5.6-sol', gpt56, 5),
  runtime(otherOregon, 'moonshotai.kimi-k2.5', kimi, 3),
  mantle(otherOregon, 'default', 'openai.gpt-5.4', 2),
  runtime(otherFrankfurt, 'eu.anthropic.claude-sonnet-4-6', sonnet, 3),
  runtime(otherFrankfurt, 'zai.glm-5', glm, 2, { season: { cycleDays: 30, activeDays: 12 } }),
];
