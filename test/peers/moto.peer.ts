import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Collector, Discovery } from '../../agent/core/collector.ts';
import type { CommitResult } from '../../agent/core/store.ts';
import type { Instant } from '../../agent/core/time.ts';
import { floorTo, hourMs, minuteMs } from '../../agent/core/time.ts';
import { queryUsage } from '../../agent/query/usage.ts';
import type { Step } from '../../agent/query/step.ts';
import { collectWindow } from '../../agent/schedule/collect.ts';
import { createAwsCollector } from '../../collectors/aws/index.ts';
import type { AwsRole } from '../../collectors/aws/index.ts';
import { createWorkbench } from '../agent/schedule/running.ts';
import type { Workbench } from '../agent/schedule/running.ts';
import { ensureVenv, startPeer } from '../support/peers.ts';
import type { Peer } from '../support/peers.ts';
import { figureColumns } from '../support/figures.ts';
import { datumsOf, hour, rowsOf, seriesRead } from './bedrock-hour.ts';

vi.setConfig({ testTimeout: 60_000 });

/** boto3 too, for moto reads its service models and says only a lower bound of it. */
const requirements = ['moto==5.2.1', 'boto3==1.44.8', 'flask==3.1.3', 'flask-cors==6.0.5'];
const region = 'us-east-1';
/** moto's own account, whatever the key; a role's is the one in its ARN. */
const own = 123_456_789_012;
const other = 444_455_556_666;
const role: AwsRole = {
  arn: `arn:aws:iam::${other}:role/crossbill`,
  externalId: () => 'sesame',
};
const credentials = async () => ({ accessKeyId: 'AKIAOWNEXAMPLE00', secretAccessKey: 'secret' });
const { signal } = new AbortController();

let peer: Peer | undefined;
let endpoint: string;
let bench: Workbench;
const collectors: Collector[] = [];

beforeAll(async () => {
  const { python, folder } = await ensureVenv('moto', requirements);
  const args = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'];
  peer = startPeer('moto_server', python, args, folder);
  endpoint = await peer.said(/Running on (http:\S+)/);
  for (const account of [own, other]) {
    for (const [namespace, datums] of datumsOf(account)) await put(account, namespace, datums);
  }
}, 300_000);

afterAll(() => peer?.stop());

beforeEach(() => {
  bench = createWorkbench();
});

afterEach(async () => {
  bench.ledger.close();
  for (const collector of collectors.splice(0)) await collector.close();
});

async function put(account: number, Namespace: string, datums: readonly MetricDatum[]) {
  const client = new CloudWatchClient({
    region,
    endpoint,
    credentials:
      account === own
        ? credentials
        : fromTemporaryCredentials({
            masterCredentials: await credentials(),
            params: { RoleArn: role.arn, RoleSessionName: 'put' },
            clientConfig: { region, endpoint },
          }),
    // moto unpacks a body twice.
    disableRequestCompression: true,
  });
  for (let first = 0; first < datums.length; first += 1_000) {
    const MetricData = datums.slice(first, first + 1_000);
    await client.send(new PutMetricDataCommand({ Namespace, MetricData }));
  }
  client.destroy();
}

/** Lists, and reads the hour of every target into the ledger, as the agent does it. */
async function read(
  roles: readonly AwsRole[],
): Promise<{ readonly discovery: Discovery; readonly results: readonly CommitResult[] }> {
  const collector = createAwsCollector(
    { name: 'peer', regions: [region, 'eu-west-1'], roles, endpoint, linkedAccounts: false },
    { clock: bench.clock, credentials },
  );
  collectors.push(collector);
  const discovery = await collector.discover(signal);
  const results: CommitResult[] = [];
  for (const target of bench.ledger.recordDiscovery('peer', discovery, bench.clock.now())) {
    const due = { units: target.units, window: hour, periodSeconds: 60 };
    results.push(await collectWindow(bench.deps, collector, target, due, signal));
  }
  return { discovery, results };
}

async function told(stepMs: Step): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const { rows } = await queryUsage(bench.ledger, {
    from: hour.start,
    to: hour.end,
    stepMs,
    groupBy: ['model', 'endpoint', 'deployment'],
    filters: new Map(),
    teams: [],
  });
  return new Map(
    rows.map((row) => [
      `${row.time} ${row['model']} ${row['endpoint']} ${row['deployment']}`,
      figureColumns.map((column) => row[column]),
    ]),
  );
}

const steps: readonly (readonly [Step, (at: Instant) => Instant])[] = [
  [60_000, (at) => at],
  [300_000, (at) => floorTo(at, 5 * minuteMs)],
  [3_600_000, (at) => floorTo(at, hourMs)],
  ['total', () => hour.start],
];

async function expectWhatWasPut(account: number): Promise<void> {
  for (const [step, bucketOf] of steps) {
    expect(await told(step), `step ${step}`).toEqual(rowsOf(account, bucketOf));
  }
}

test('every minute of both services comes back to the token', async () => {
  await read([]);
  await expectWhatWasPut(own);
});

test('a role, assumed with its external id, reads its own account and nothing of the first', async () => {
  await read([role]);
  await expectWhatWasPut(other);
  const accounts = (await bench.ledger.identities()).map((identity) => identity.account);
  expect(new Set(accounts)).toEqual(new Set([String(other)]));
});

test('a listing of several pages is read to its end, each series once and at one level; an empty region has none', async () => {
  const { discovery } = await read([]);
  expect(discovery.targets.map(({ id, units }) => [id, units.length])).toEqual(
    Object.entries(seriesRead).map(([name, units]) => [`peer/${own}/${region}/${name}`, units]),
  );
  expect(discovery.targets.flatMap(({ labels }) => labels['unknown_sets'] ?? [])).toEqual([]);
  expect(discovery.scopes).toEqual([`peer/${own}/${region}`, `peer/${own}/eu-west-1`]);
});

test('profiles and model units that it does not serve are failures of their scopes, and the metrics stand', async () => {
  const { discovery, results } = await read([]);
  expect(discovery.failures).toEqual([
    {
      scope: `peer/${own}/${region}/inference-profiles`,
      error: expect.objectContaining({
        name: 'ExternalError',
        operation: 'bedrock:ListInferenceProfiles',
        hint: expect.stringMatching(/\w/),
      }),
    },
    {
      scope: `peer/${own}/${region}/provisioned-throughput`,
      error: expect.objectContaining({
        name: 'ExternalError',
        operation: 'bedrock:ListProvisionedModelThroughputs',
        hint: expect.stringMatching(/\w/),
      }),
    },
  ]);
  expect(discovery.inventory).toEqual([]);
  expect(results.map(({ readingsChanged }) => readingsChanged > 0)).toEqual([true, true]);
});

test('the same hour read again changes nothing', async () => {
  await read([]);
  const { results } = await read([]);
  expect(
    results.map(({ readingsChanged, usageChanged }) => [readingsChanged, usageChanged]),
  ).toEqual([
    [0, 0],
    [0, 0],
  ]);
  await expectWhatWasPut(own);
});

test('what comes late into a minute is there at the next read, once', async () => {
  await read([]);
  const [name, Value] = ['openai/gpt-oss-120b mantle search', 12_345];
  const at = hour.start + 7 * minuteMs;
  const Dimensions = [
    { Name: 'Model', Value: 'openai.gpt-oss-120b' },
    { Name: 'Project', Value: 'search' },
  ];
  await put(own, 'AWS/BedrockMantle', [
    { MetricName: 'OutputTokens', Dimensions, Timestamp: new Date(at), Value },
  ]);
  const { results } = await read([]);
  expect(results.map(({ readingsChanged }) => readingsChanged)).toEqual([0, 1]);
  const expected = new Map(rowsOf(own, (minute) => minute));
  const key = `${new Date(at).toISOString()} ${name}`;
  expected.set(
    key,
    (expected.get(key) ?? []).map((value, i) =>
      figureColumns[i] === 'output_tokens' ? (value ?? 0) + Value : value,
    ),
  );
  expect(await told(60_000)).toEqual(expected);
});
