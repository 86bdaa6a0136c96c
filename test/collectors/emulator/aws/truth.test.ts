import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourMs } from '../../../../agent/core/time.ts';
import { awsAccess } from '../../../../collectors/emulator/aws/access.ts';
import { startAws } from '../../../../collectors/emulator/aws/server.ts';
import type { Loopback } from '../../../../collectors/emulator/http.ts';
import { awsLanes } from '../../../../collectors/emulator/lanes-aws.ts';
import type { AwsLane } from '../../../../collectors/emulator/scenario-lane.ts';
import { loadTrace } from '../../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../../collectors/emulator/traffic.ts';
import { truth } from '../../../../collectors/emulator/truth.ts';
import { createWorld } from '../../../../collectors/emulator/world.ts';
import { assumedCloudWatch, cloudWatch, getAll, queries, sumOf } from './clients.ts';

const to = Date.parse('2026-11-18T16:00:00Z');
const from = to - 4 * hourMs;
const traffic = createTraffic(awsLanes, loadTrace());
let aws: Loopback;
beforeAll(async () => {
  aws = await startAws(createWorld({ traffic, now: () => to + hourMs }));
});
afterAll(() => aws.close());

/** Sums of a lane's meters, at the one level that counts each request once. */
async function metersOf(lane: AwsLane, names: readonly string[]): Promise<readonly number[]> {
  const client =
    lane.account === '111122223333'
      ? cloudWatch(aws.url, lane.region)
      : assumedCloudWatch(aws.url, lane.region, { RoleArn: awsAccess.role });
  const runtime = lane.endpoint === 'runtime';
  const asked = names.map((name) => ({
    name,
    namespace: runtime ? 'AWS/Bedrock' : 'AWS/BedrockMantle',
    dimensions: runtime
      ? { ModelId: lane.vendorModel }
      : { Project: lane.deployment, Model: lane.vendorModel },
  }));
  const { points } = await getAll(client, {
    MetricDataQueries: queries(asked),
    StartTime: new Date(from),
    EndTime: new Date(to),
  });
  client.destroy();
  return names.map((_, i) => sumOf(points.get(`m${i}`) ?? []));
}

function truthOf(lane: AwsLane) {
  const groupBy = ['account', 'region', 'endpoint', 'vendor_model', 'deployment'] as const;
  const rows = truth(traffic, { from, to, step: 'total', groupBy });
  return rows.find(
    (row) =>
      row.account === lane.account &&
      row.region === lane.region &&
      row.endpoint === lane.endpoint &&
      row.vendor_model === lane.vendorModel &&
      row.deployment === lane.deployment,
  );
}

const busy = awsLanes.filter((lane) => lane.season === undefined);

describe('what the meters say of a lane is the truth', () => {
  it.each(
    busy.filter((lane) => lane.endpoint === 'runtime').map((lane) => [lane.id, lane] as const),
  )('%s', async (_id, lane) => {
    const spelling = lane.cacheSpelling ?? 'InputTokens';
    const [
      input = 0,
      read = 0,
      write = 0,
      output,
      requests,
      clientErrors = 0,
      serverErrors = 0,
      throttles,
    ] = await metersOf(lane, [
      'InputTokenCount',
      `CacheRead${spelling}`,
      `CacheWrite${spelling}`,
      'OutputTokenCount',
      'Invocations',
      'InvocationClientErrors',
      'InvocationServerErrors',
      'InvocationThrottles',
    ]);
    const uncached = lane.family === 'openai' ? input - read - write : input;
    expect(input).toBeGreaterThan(0);
    expect(truthOf(lane)).toMatchObject({
      input_tokens: lane.cacheMeters ? uncached : null,
      cache_read_tokens: lane.cacheMeters ? read : null,
      cache_write_tokens: lane.cacheMeters ? write : null,
      unsplit_input_tokens: lane.cacheMeters ? null : input,
      output_tokens: output,
      requests,
      errors: clientErrors + serverErrors,
      throttles,
    });
  });

  it.each(
    busy.filter((lane) => lane.endpoint === 'mantle').map((lane) => [lane.id, lane] as const),
  )('%s', async (_id, lane) => {
    const names = ['InputTokens', 'OutputTokens', 'Inferences', 'InferenceClientErrors'];
    const [input = 0, output, requests, errors] = await metersOf(lane, names);
    expect(input).toBeGreaterThan(0);
    expect(truthOf(lane)).toMatchObject({
      input_tokens: null,
      unsplit_input_tokens: input,
      output_tokens: output,
      requests,
      errors,
      throttles: null,
    });
  });
});
