import * as z from 'zod';
import type { Lane } from '../lane.ts';
import { isAwsLane } from '../scenario-lane.ts';
import type { Caller } from './access.ts';
import { AwsError } from './errors.ts';
import { throughputsOf } from './provisioned-throughputs.ts';
import { readToken, writeToken } from './token.ts';

interface Profile {
  readonly inferenceProfileName: string;
  readonly inferenceProfileArn: string;
  readonly inferenceProfileId: string;
  readonly models: readonly { readonly modelArn: string }[];
  readonly status: 'ACTIVE';
  readonly type: 'APPLICATION' | 'SYSTEM_DEFINED';
  readonly createdAt: string;
  readonly updatedAt: string;
}

interface Listed extends Profile {
  readonly tags: Readonly<Record<string, string>>;
}

const createdAt = '2026-07-21T19:13:39Z';

/** Regions that a geography's profiles lead to, beside the one that calls. */
const regionsOfScope: Readonly<Record<string, readonly string[]>> = {
  us: ['us-east-1', 'us-east-2', 'us-west-2'],
  eu: ['eu-central-1', 'eu-north-1', 'eu-west-1'],
  global: [''],
};

/** What the account uses in the region; the metrics' `ModelId` is the id here. */
function profilesOf(lanes: readonly Lane[], { account, region }: Caller): readonly Listed[] {
  const here = lanes
    .filter(isAwsLane)
    .filter((lane) => lane.account === account && lane.region === region)
    .filter((lane) => lane.endpoint === 'runtime');
  return here.flatMap((lane): Listed[] => {
    const arn = `arn:aws:bedrock:${region}:${account}`;
    const shared = { status: 'ACTIVE', createdAt, updatedAt: createdAt } as const;
    if (lane.throughput !== undefined) return [];
    if (lane.profile !== undefined) {
      return [
        {
          ...shared,
          inferenceProfileName: lane.profile.name,
          inferenceProfileArn: `${arn}:application-inference-profile/${lane.profile.id}`,
          inferenceProfileId: lane.profile.id,
          models: lane.profile.modelArns.map((modelArn) => ({ modelArn })),
          type: 'APPLICATION',
          tags: lane.profile.tags,
        },
      ];
    }
    const [scope = '', ...rest] = lane.vendorModel.split('.');
    const regions = regionsOfScope[scope];
    if (regions === undefined) return [];
    const model = rest.join('.');
    return [
      {
        ...shared,
        inferenceProfileName: `${scope.toUpperCase()} ${model}`,
        inferenceProfileArn: `${arn}:inference-profile/${lane.vendorModel}`,
        inferenceProfileId: lane.vendorModel,
        models: regions.map((to) => ({
          modelArn: `arn:aws:bedrock:${to}::foundation-model/${model}`,
        })),
        type: 'SYSTEM_DEFINED',
        tags: {},
      },
    ];
  });
}

const tokenSchema = z.object({ from: z.int().nonnegative() });
const tagRequestSchema = z.object({ resourceARN: z.string() });

/**
 * ListInferenceProfiles. Without a type it lists only the ones AWS made.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 */
export function listInferenceProfiles(
  lanes: readonly Lane[],
  caller: Caller,
  query: URLSearchParams,
): { readonly inferenceProfileSummaries: readonly Profile[]; readonly nextToken?: string } {
  const type = query.get('type') ?? 'SYSTEM_DEFINED';
  const most = Number(query.get('maxResults') ?? 100);
  if (!['APPLICATION', 'SYSTEM_DEFINED'].includes(type)) {
    throw new AwsError(400, 'ValidationError', `There is no type ${type}.`);
  }
  if (!Number.isInteger(most) || most < 1 || most > 1000) {
    throw new AwsError(400, 'ValidationError', 'maxResults must be 1 to 1000.');
  }
  const token = query.get('nextToken');
  const from = token === null ? 0 : readToken(token, tokenSchema).from;
  const all = profilesOf(lanes, caller).filter((profile) => profile.type === type);
  const shown = all.slice(from, from + most).map(({ tags: _tags, ...profile }) => profile);
  const next = from + most < all.length ? { nextToken: writeToken({ from: from + most }) } : {};
  return { inferenceProfileSummaries: shown, ...next };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListTagsForResource.html */
export function listTagsForResource(lanes: readonly Lane[], caller: Caller, body: unknown) {
  const parsed = tagRequestSchema.safeParse(body);
  if (!parsed.success) throw new AwsError(400, 'ValidationError', z.prettifyError(parsed.error));
  const arn = parsed.data.resourceARN;
  const profile = profilesOf(lanes, caller).find((listed) => listed.inferenceProfileArn === arn);
  const tags = profile?.tags ?? throughputsOf(lanes, caller).get(arn)?.tags;
  if (tags === undefined) {
    throw new AwsError(404, 'ResourceNotFoundException', `There is no resource ${arn}.`);
  }
  return { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
}
