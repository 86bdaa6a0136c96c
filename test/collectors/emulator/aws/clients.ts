import { BedrockClient } from '@aws-sdk/client-bedrock';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  paginateGetMetricData,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import type { GetMetricDataCommandInput, Metric } from '@aws-sdk/client-cloudwatch';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { awsAccess } from '../../../../collectors/emulator/aws/access.ts';

/** Nobody's: the emulated cloud knows them, no other. */
export const ownKeys = {
  accessKeyId: awsAccess.accessKeyId,
  secretAccessKey: awsAccess.secretAccessKey,
};

export function cloudWatch(endpoint: string, region = 'us-east-1'): CloudWatchClient {
  return new CloudWatchClient({ endpoint, region, credentials: ownKeys, maxAttempts: 1 });
}

export function bedrock(endpoint: string, region = 'us-east-1'): BedrockClient {
  return new BedrockClient({ endpoint, region, credentials: ownKeys, maxAttempts: 1 });
}

/** A client of the account that the role leads to. */
export function assumedCloudWatch(
  endpoint: string,
  region: string,
  params: { readonly RoleArn: string; readonly ExternalId?: string },
): CloudWatchClient {
  const credentials = fromTemporaryCredentials({
    masterCredentials: ownKeys,
    params: { RoleSessionName: 'crossbill', ...params },
    clientConfig: { region, endpoint },
  });
  return new CloudWatchClient({ endpoint, region, credentials, maxAttempts: 1 });
}

export async function listAll(
  client: CloudWatchClient,
  input: Parameters<typeof paginateListMetrics>[1],
): Promise<readonly Metric[]> {
  const found: Metric[] = [];
  for await (const page of paginateListMetrics({ client }, input)) {
    found.push(...(page.Metrics ?? []));
  }
  return found;
}

/** `InputTokenCount ModelId=… ServiceTier=…`, to compare listings by. */
export function nameOf({ MetricName, Dimensions = [] }: Metric): string {
  return [MetricName, ...Dimensions.map(({ Name, Value }) => `${Name}=${Value}`)].join(' ');
}

/** A point as `[epoch milliseconds, value]`. */
export type Point = readonly [number, number];

export interface PageSeen {
  readonly points: number;
  readonly statuses: readonly string[];
}

/** Every page of an answer, merged by Id, and what each page looked like. */
export async function getAll(
  client: CloudWatchClient,
  input: GetMetricDataCommandInput,
): Promise<{
  readonly points: ReadonlyMap<string, readonly Point[]>;
  readonly pages: readonly PageSeen[];
}> {
  const points = new Map<string, Point[]>();
  const pages: PageSeen[] = [];
  for await (const page of paginateGetMetricData({ client }, input)) {
    const results = page.MetricDataResults ?? [];
    pages.push({
      points: results.reduce((sum, { Values = [] }) => sum + Values.length, 0),
      statuses: results.map(({ StatusCode = '' }) => StatusCode),
    });
    for (const { Id = '', Timestamps = [], Values = [] } of results) {
      const merged = points.get(Id) ?? [];
      for (const [i, time] of Timestamps.entries()) merged.push([time.getTime(), Values[i] ?? 0]);
      points.set(Id, merged);
    }
  }
  return { points, pages };
}

export interface Asked {
  readonly name: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly statistic?: string;
  readonly periodSeconds?: number;
  readonly unit?: 'Count' | 'Seconds' | 'Milliseconds';
  readonly accountId?: string;
}

/** Queries `m0`, `m1` … of a call. */
export function queries(asked: readonly Asked[]) {
  return asked.map((one, i) => ({
    Id: `m${i}`,
    MetricStat: {
      Metric: {
        Namespace: one.namespace ?? 'AWS/Bedrock',
        MetricName: one.name,
        Dimensions: Object.entries(one.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: one.periodSeconds ?? 60,
      Stat: one.statistic ?? 'Sum',
      ...(one.unit === undefined ? {} : { Unit: one.unit }),
    },
    ...(one.accountId === undefined ? {} : { AccountId: one.accountId }),
  }));
}

/** The points of one query over a span, oldest first. */
export async function pointsOf(
  client: CloudWatchClient,
  asked: Asked,
  from: number,
  to: number,
): Promise<readonly Point[]> {
  const answer = await getAll(client, {
    MetricDataQueries: queries([asked]),
    StartTime: new Date(from),
    EndTime: new Date(to),
    ScanBy: 'TimestampAscending',
  });
  return answer.points.get('m0') ?? [];
}

export function sumOf(points: readonly Point[]): number {
  return points.reduce((sum, [, value]) => sum + value, 0);
}

/** The name of the error that the call fails with; a success is an error of the test. */
export async function errorName(
  client: CloudWatchClient,
  input: GetMetricDataCommandInput,
): Promise<string> {
  return client.send(new GetMetricDataCommand(input)).then(
    () => {
      throw new Error('The call was answered.');
    },
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}
