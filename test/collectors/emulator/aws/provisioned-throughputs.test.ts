import { expect, it } from 'vitest';
import { listTagsForResource } from '../../../../collectors/emulator/aws/inference-profiles.ts';
import { listProvisionedThroughputs } from '../../../../collectors/emulator/aws/provisioned-throughputs.ts';
import { scenarioLanes } from '../../../../collectors/emulator/scenario.ts';
import type { AwsLane } from '../../../../collectors/emulator/scenario-lane.ts';

const caller = { account: '111122223333', region: 'us-east-1', arn: '', service: 'bedrock' };
const createdAt = Date.UTC(2026, 9, 1);
const [lane] = scenarioLanes.filter((one): one is AwsLane => one.cloud === 'aws');

function lanes(count: number): readonly AwsLane[] {
  return Array.from({ length: count }, (_, index): AwsLane => {
    const throughput = {
      id: `units${index}`,
      name: `name-${index}`,
      modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0',
      units: index + 1,
      status: 'InService',
      ...(index === 0 ? { commitment: 'OneMonth' as const } : {}),
      createdAt,
      tags: { team: `team-${index}` },
    } as const;
    if (lane === undefined) throw new Error('the scenario has no AWS lane');
    return { ...lane, ...caller, throughput };
  });
}

it('lists its model units page by page to the last', () => {
  const seen: string[] = [];
  let token: string | undefined;
  do {
    const query = new URLSearchParams({ maxResults: '2', ...(token && { nextToken: token }) });
    const page = listProvisionedThroughputs(lanes(5), caller, query);
    expect(page.provisionedModelSummaries.length).toBeLessThanOrEqual(2);
    seen.push(...page.provisionedModelSummaries.map((one) => one.provisionedModelName));
    token = 'nextToken' in page ? page.nextToken : undefined;
  } while (token !== undefined);
  expect(seen).toEqual(['name-0', 'name-1', 'name-2', 'name-3', 'name-4']);
});

it('tells units, status, and a commitment only where there is one', () => {
  const { provisionedModelSummaries: found } = listProvisionedThroughputs(
    lanes(2),
    caller,
    new URLSearchParams(),
  );
  expect(found[0]).toMatchObject({
    provisionedModelArn: 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/units0',
    modelUnits: 1,
    status: 'InService',
    commitmentDuration: 'OneMonth',
    commitmentExpirationTime: new Date('2026-10-31T00:00:00Z'),
  });
  expect(found[1]).not.toHaveProperty('commitmentDuration');
});

it('knows none elsewhere, and the tags of each', () => {
  const elsewhere = { ...caller, region: 'us-west-2' };
  const query = new URLSearchParams();
  expect(listProvisionedThroughputs(lanes(2), elsewhere, query)).toEqual({
    provisionedModelSummaries: [],
  });
  const resourceARN = 'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/units1';
  expect(listTagsForResource(lanes(2), caller, { resourceARN })).toEqual({
    tags: [{ key: 'team', value: 'team-1' }],
  });
});

it.each(['0', '1001', 'many'])('refuses a page of %s', (maxResults) => {
  const query = new URLSearchParams({ maxResults });
  expect(() => listProvisionedThroughputs(lanes(1), caller, query)).toThrow(/1 to 1000/);
});
