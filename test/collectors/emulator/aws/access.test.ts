import {
  ListInferenceProfilesCommand,
  ListTagsForResourceCommand,
  paginateListInferenceProfiles,
} from '@aws-sdk/client-bedrock';
import type { BedrockClient, ListInferenceProfilesCommandInput } from '@aws-sdk/client-bedrock';
import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsAccess } from '../../../../collectors/emulator/aws/access.ts';
import { startAws } from '../../../../collectors/emulator/aws/server.ts';
import type { Loopback } from '../../../../collectors/emulator/http.ts';
import { scenarioLanes } from '../../../../collectors/emulator/scenario.ts';
import { loadTrace } from '../../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../../collectors/emulator/traffic.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';
import { assumedCloudWatch, bedrock, cloudWatch, listAll, ownKeys } from './clients.ts';

const noon = Date.parse('2026-11-18T12:00:00Z');
const world = createWorld({
  traffic: createTraffic(scenarioLanes, loadTrace()),
  now: () => noon,
});
let aws: Loopback;
beforeAll(async () => {
  aws = await startAws(world);
});
afterAll(() => aws.close());

/** Models of a listing. */
async function modelsOf(client: ReturnType<typeof cloudWatch>): Promise<ReadonlySet<string>> {
  const input = { Namespace: 'AWS/Bedrock', MetricName: 'InputTokenCount' };
  const metrics = await listAll(client, input);
  return new Set(metrics.flatMap((m) => (m.Dimensions ?? []).map((d) => d.Value ?? '')));
}

function askAsNobody(url: string) {
  const client = cloudWatch(url);
  client.config.credentials = () => Promise.resolve({ ...ownKeys, accessKeyId: 'AKIANOBODY' });
  return client.send(new ListMetricsCommand({}));
}

describe('credentials', () => {
  it('lead to the account they are of, and an assumed role to the other', async () => {
    const own = await modelsOf(cloudWatch(aws.url, 'us-east-1'));
    const role = { RoleArn: awsAccess.role };
    const other = await modelsOf(assumedCloudWatch(aws.url, 'us-east-1', role));
    expect(own).toContain('us.openai.gpt-5.6-sol');
    expect(other).not.toContain('us.openai.gpt-5.6-sol');
    expect(other).toContain('us.anthropic.claude-sonnet-4-6');
    const oregon = await modelsOf(assumedCloudWatch(aws.url, 'us-west-2', role));
    expect(oregon).toEqual(new Set(['us.openai.gpt-5.6-sol', 'moonshotai.kimi-k2.5']));
    expect(await modelsOf(cloudWatch(aws.url, 'us-west-2'))).toEqual(new Set());
  });

  it('that nobody has are refused, under the older name or, without its header, the newer', async () => {
    const bare = await startAws(world, { queryErrorHeader: false });
    const $metadata = { httpStatusCode: 403 };
    try {
      await expect(askAsNobody(aws.url)).rejects.toMatchObject({
        name: 'InvalidClientTokenId',
        $metadata,
      });
      await expect(askAsNobody(bare.url)).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
        $metadata,
      });
    } finally {
      await bare.close();
    }
  });

  it('may not assume a role that is not there', async () => {
    const role = 'arn:aws:iam::999999999999:role/crossbill';
    const client = assumedCloudWatch(aws.url, 'us-east-1', { RoleArn: role });
    await expect(client.send(new ListMetricsCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(role) as string,
    });
  });

  it('need the external id where one is demanded', async () => {
    const strict = await startAws(world, { externalId: 'ours' });
    const ask = (ExternalId?: string) => {
      const params = { RoleArn: awsAccess.role, ...(ExternalId ? { ExternalId } : {}) };
      return assumedCloudWatch(strict.url, 'us-east-1', params).send(new ListMetricsCommand({}));
    };
    try {
      await expect(ask()).rejects.toMatchObject({ name: 'AccessDenied' });
      await expect(ask('theirs')).rejects.toMatchObject({ name: 'AccessDenied' });
      await expect(ask('ours')).resolves.toHaveProperty('Metrics');
    } finally {
      await strict.close();
    }
  });

  it('are told whose they are', async () => {
    const response = await fetch(aws.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `AWS4-HMAC-SHA256 Credential=${ownKeys.accessKeyId}/20261118/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    });
    const body = await response.text();
    expect(body).toContain('<Account>111122223333</Account>');
    expect(body).toContain('<Arn>arn:aws:iam::111122223333:user/crossbill</Arn>');
  });

  it('must be there at all', async () => {
    const response = await fetch(aws.url, { method: 'POST', body: '{}' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('MissingAuthenticationToken');
  });
});

async function idsOf(client: BedrockClient, input: ListInferenceProfilesCommandInput) {
  const ids: (string | undefined)[] = [];
  for await (const page of paginateListInferenceProfiles({ client }, input)) {
    ids.push(...(page.inferenceProfileSummaries ?? []).map((p) => p.inferenceProfileId));
  }
  return ids;
}

describe('inference profiles', () => {
  it('of applications are listed with what they lead to', async () => {
    const client = bedrock(aws.url);
    const { inferenceProfileSummaries: profiles = [] } = await client.send(
      new ListInferenceProfilesCommand({ typeEquals: 'APPLICATION', maxResults: 1000 }),
    );
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/0example0001';
    const model = '::foundation-model/anthropic.claude-sonnet-4-6';
    expect(profiles).toHaveLength(1);
    expect(profiles[0]).toMatchObject({
      inferenceProfileId: '0example0001',
      inferenceProfileName: 'checkout-assistant',
      inferenceProfileArn: arn,
      type: 'APPLICATION',
      models: ['us-east-1', 'us-east-2', 'us-west-2'].map((region) => ({
        modelArn: `arn:aws:bedrock:${region}${model}`,
      })),
    });
    const tags = await client.send(new ListTagsForResourceCommand({ resourceARN: arn }));
    expect(tags.tags).toEqual([{ key: 'team', value: 'checkout' }]);
  });

  it('are only the system’s without a type, page by page', async () => {
    const ids = [
      'us.openai.gpt-5.6-sol',
      'global.openai.gpt-5.6-sol',
      'us.anthropic.claude-sonnet-4-6',
      'us.anthropic.claude-opus-4-7',
    ];
    expect(await idsOf(bedrock(aws.url), {})).toEqual(ids);
    expect(await idsOf(bedrock(aws.url), { maxResults: 3 })).toEqual(ids);
  });

  it('are those of the region', async () => {
    const input = { typeEquals: 'APPLICATION' } as const;
    expect(await idsOf(bedrock(aws.url, 'eu-central-1'), input)).toEqual([]);
  });

  it('that are not there have no tags to give', async () => {
    const resourceARN = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/none';
    const call = bedrock(aws.url).send(new ListTagsForResourceCommand({ resourceARN }));
    await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
