import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { ApiMeter } from '../../../agent/core/api-call.ts';
import type { Collector, MeterUnit, Target } from '../../../agent/core/collector.ts';
import { ExternalError } from '../../../agent/core/errors.ts';
import { createAwsCollector } from '../../../collectors/aws/index.ts';
import type { AwsConfig } from '../../../collectors/aws/index.ts';
import { rowsOf, unitKey } from '../../../collectors/aws/listing.ts';
import { startScriptedServer } from '../../support/scripted-server.ts';
import type {
  ScriptedHandler,
  ScriptedReply,
  ScriptedRequest,
  ScriptedServer,
} from '../../support/scripted-server.ts';

export const account = '111122223333';
export const otherAccount = '444455556666';
/** A minute on the clock of every test. */
export const now = Date.UTC(2026, 10, 23, 12, 0, 30);
export const noon = Date.UTC(2026, 10, 23, 12);
export const ownKey = 'AKIAOWNEXAMPLE00';

/**
 * `ListMetrics`, `GetMetricData`, `AssumeRole`, `GetCallerIdentity`, `ListInferenceProfiles`, `ListProvisionedModelThroughputs`,
 * `ListTagsForResource`.
 */
export function operationOf({ method, url, headers, body }: ScriptedRequest): string {
  const named = headers['x-amz-target'];
  if (named !== undefined) return named.replace('GraniteServiceVersion20100801.', '');
  if (url.startsWith('/inference-profiles')) return 'ListInferenceProfiles';
  if (url.startsWith('/provisioned-model-throughputs')) return 'ListProvisionedModelThroughputs';
  if (url.startsWith('/listTagsForResource')) return 'ListTagsForResource';
  return new URLSearchParams(body).get('Action') ?? `${method} ${url}`;
}

/** Whose key signed, for which region and service. */
export function signedBy({ headers }: ScriptedRequest): {
  readonly key: string;
  readonly region: string;
  readonly service: string;
} {
  const [, key = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(headers['authorization'] ?? '') ?? [];
  return { key, region, service };
}

export function on(
  operation: string,
  answer: (
    request: ScriptedRequest,
  ) => ScriptedReply | undefined | Promise<ScriptedReply | undefined>,
): ScriptedHandler {
  return (request) => (operationOf(request) === operation ? answer(request) : undefined);
}

export function json(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): ScriptedReply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
    body: JSON.stringify(body),
  };
}

/** A refusal of AWS JSON; with `queryName`, as the services that once spoke Query send it. */
export function refusal(
  type: string,
  status: number,
  message: string,
  queryName?: string,
): ScriptedReply {
  return json(
    { __type: `com.amazonaws.cloudwatch#${type}`, message },
    status,
    queryName === undefined ? {} : { 'x-amzn-query-error': `${queryName};Sender` },
  );
}

export const callerIdentity = on('GetCallerIdentity', () => ({
  headers: { 'content-type': 'text/xml' },
  body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
    <Arn>arn:aws:iam::${account}:user/agent</Arn><UserId>AIDA</UserId><Account>${account}</Account>
    </GetCallerIdentityResult></GetCallerIdentityResponse>`,
}));

export const noProfiles = on('ListInferenceProfiles', () =>
  json({ inferenceProfileSummaries: [] }, 200, { 'content-type': 'application/json' }),
);

/** What an account answers that has bought no model units; the last word of every scripted AWS. */
const noThroughputs = on('ListProvisionedModelThroughputs', () =>
  json({ provisionedModelSummaries: [] }, 200, { 'content-type': 'application/json' }),
);

/** STS hands out a key named after the role's account, good for an hour of the tests' clock. */
export const assumeRole = on('AssumeRole', ({ body }) => {
  const arn = new URLSearchParams(body).get('RoleArn') ?? '';
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
      <AccessKeyId>${roleKey(arn.split(':')[4] ?? '')}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
      <SessionToken>t</SessionToken><Expiration>2126-11-23T13:00:00Z</Expiration></Credentials>
      </AssumeRoleResult></AssumeRoleResponse>`,
  };
});

export function roleKey(ofAccount: string): string {
  return `ASIA${ofAccount}`;
}

/** A metric as ListMetrics tells it. */
export function listed(
  name: string,
  dimensions: Readonly<Record<string, string>>,
  namespace = 'AWS/Bedrock',
): unknown {
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  };
}

/** Answers ListMetrics with the metrics of the namespace that is asked for, all on one page. */
export function listing(...metrics: readonly unknown[]): ScriptedHandler {
  return on('ListMetrics', ({ body }) => {
    const { Namespace } = JSON.parse(body) as { Namespace: string };
    const mine = metrics.filter(
      (metric) => (metric as { Namespace: string }).Namespace === Namespace,
    );
    return json({ Metrics: mine });
  });
}

/** A GetMetricData request as sent: times are epoch seconds on the wire. */
export interface SentData {
  readonly MetricDataQueries: readonly MetricDataQuery[];
  readonly StartTime: number;
  readonly EndTime: number;
  readonly ScanBy: string;
  readonly MaxDatapoints: number;
  readonly NextToken?: string;
}

export function sentData(request: ScriptedRequest): SentData {
  return JSON.parse(request.body);
}

export function unit(
  rowId: string,
  metric: string,
  dimensions: MeterUnit['dimensions'],
): MeterUnit {
  return { key: unitKey(metric, dimensions), rowId, metric, dimensions };
}

export const inputUnit = unit('aws.bedrock.input', 'InputTokenCount', {
  ModelId: 'us.openai.gpt-6-sol',
});
export const outputUnit = unit('aws.bedrock.output', 'OutputTokenCount', {
  ModelId: 'us.openai.gpt-6-sol',
});

export function target(overrides: Partial<Target> = {}): Target {
  return {
    id: `prod/${account}/us-east-1/AWS/Bedrock`,
    source: 'prod',
    cloud: 'aws',
    account,
    region: 'us-east-1',
    resource: '',
    labels: { namespace: 'AWS/Bedrock' },
    rows: rowsOf('AWS/Bedrock'),
    units: [inputUnit, outputUnit],
    rememberUnits: true,
    retention: [
      { periodSeconds: 60, ageSeconds: 15 * 86_400 },
      { periodSeconds: 300, ageSeconds: 63 * 86_400 },
    ],
    ...overrides,
  };
}

export interface Aws {
  readonly collector: Collector;
  readonly server: ScriptedServer;
}

/** A collector of source `prod` in us-east-1 before a scripted AWS without model units, both closed afterwards. */
export async function withAws<Result>(
  handlers: readonly ScriptedHandler[],
  run: (aws: Aws) => Promise<Result>,
  config: Partial<AwsConfig> = {},
  meter?: ApiMeter,
): Promise<Result> {
  const server = await startScriptedServer([...handlers, noThroughputs]);
  const collector = createAwsCollector(
    {
      name: 'prod',
      regions: ['us-east-1'],
      roles: [],
      endpoint: server.url,
      linkedAccounts: false,
      ...config,
    },
    {
      clock: { now: () => now },
      credentials: async () => ({ accessKeyId: ownKey, secretAccessKey: 'secret' }),
      ...(meter && { meter }),
    },
  );
  try {
    return await run({ collector, server });
  } finally {
    await collector.close();
    await server.close();
  }
}

/** What it fails with; anything but an ExternalError, and success, is thrown. */
export async function failureOf(attempt: Promise<unknown>): Promise<ExternalError> {
  try {
    await attempt;
  } catch (thrown) {
    if (thrown instanceof ExternalError) return thrown;
    throw thrown;
  }
  throw new Error('expected a failure, and it succeeded');
}

export const never: AbortSignal = new AbortController().signal;
