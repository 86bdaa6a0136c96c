import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { awsCatalog } from '../../collectors/aws/catalog.ts';

/**
 * CloudWatch on loopback for very many series, each value from arithmetic: as fast as an answer in its shape can be
 * written, for it shares the machine with the agent that is measured. Usage: scale-cloud SERIES ACCOUNTS REGIONS.
 */
const [series = 100_000, accounts = 10, regions = 2] = process.argv.slice(2).map(Number);

/** What each model has: every meter of [ModelId] in the catalog. */
const metrics = awsCatalog
  .filter(({ dimensions }) => dimensions.join() === 'ModelId')
  .map(({ metricNames: [name = ''] }) => name);
/** Errors and throttles are silent but for one minute in fifty. */
const rare = new Set(['InvocationClientErrors', 'InvocationServerErrors', 'InvocationThrottles']);
const modelsPerPlace = Math.ceil(series / accounts / regions / metrics.length);
const pageSize = 500;

interface Query {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: {
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Value: string }[];
    };
    readonly Period: number;
    readonly Stat: string;
  };
}

interface Request {
  readonly MetricDataQueries?: readonly Query[];
  readonly StartTime?: number;
  readonly EndTime?: number;
  readonly Namespace?: string;
  readonly NextToken?: string;
}

function listMetrics({ Namespace, NextToken = '0' }: Request): string {
  const all = Namespace === 'AWS/Bedrock' ? modelsPerPlace * metrics.length : 0;
  const from = Number(NextToken);
  const to = Math.min(all, from + pageSize);
  const listed = Array.from({ length: to - from }, (_, n) => ({
    Namespace,
    MetricName: metrics[(from + n) % metrics.length],
    Dimensions: [
      { Name: 'ModelId', Value: `us.openai.gpt-${Math.floor((from + n) / metrics.length)}-sol` },
    ],
  }));
  return JSON.stringify({ Metrics: listed, ...(to < all ? { NextToken: String(to) } : {}) });
}

function getMetricData({ MetricDataQueries = [], StartTime = 0, EndTime = 0 }: Request): string {
  const now = Math.floor(Date.now() / 1_000);
  const results = MetricDataQueries.map(({ Id, MetricStat: { Metric, Period, Stat } }) => {
    const name = Metric.Dimensions[0]?.Value ?? '';
    const seed = Math.imul(Number(/\d+/.exec(name)?.[0] ?? 0) + 1, 2_654_435_761);
    const times: number[] = [];
    const values: number[] = [];
    const end = Math.min(EndTime, now);
    for (let at = StartTime; at < end; at += Period) {
      const mixed = Math.imul(seed ^ (at / 60), 2_246_822_519) >>> 0;
      if (rare.has(Metric.MetricName) && mixed % 50 !== 0) continue;
      times.push(at);
      values.push(Stat === 'SampleCount' ? 1 + (mixed % 90) : 1_000 + (mixed % 90_000));
    }
    return `{"Id":"${Id}","Label":"x","Timestamps":[${times.join()}],"Values":[${values.join()}],"StatusCode":"Complete"}`;
  });
  return `{"MetricDataResults":[${results.join()}],"Messages":[]}`;
}

/** AssumeRole hands out a key that names the account; GetCallerIdentity reads it back. */
function sts(form: URLSearchParams, key: string): string {
  const action = form.get('Action') ?? '';
  const account = /::(\d{12}):/.exec(form.get('RoleArn') ?? '')?.[1] ?? key.slice(4);
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const arn = `arn:aws:sts::${account}:assumed-role/crossbill/crossbill`;
  const result =
    action === 'AssumeRole'
      ? `<Credentials><AccessKeyId>ASIA${account}</AccessKeyId><SecretAccessKey>example</SecretAccessKey>` +
        `<SessionToken>example</SessionToken><Expiration>${until}</Expiration></Credentials>` +
        `<AssumedRoleUser><AssumedRoleId>AROA:crossbill</AssumedRoleId><Arn>${arn}</Arn></AssumedRoleUser>`
      : `<Arn>${arn}</Arn><UserId>AROA</UserId><Account>${account}</Account>`;
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result></${action}Response>`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks).toString('utf8');
  const { authorization = '', 'x-amz-target': target = '' } = request.headers;
  const [, key = '', service = ''] =
    /Credential=(\w+)\/\d+\/[\w-]+\/(\w+)\//.exec(authorization) ?? [];
  const send = (type: string, text: string) => {
    response.writeHead(200, { 'content-type': type }).end(text);
  };
  if (service === 'sts') send('text/xml', sts(new URLSearchParams(body), key));
  else if (service === 'bedrock') {
    send('application/json', '{"inferenceProfileSummaries":[],"provisionedModelSummaries":[]}');
  } else {
    const asked: Request = JSON.parse(body);
    const data = String(target).endsWith('.GetMetricData');
    send('application/x-amz-json-1.0', data ? getMetricData(asked) : listMetrics(asked));
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.writeHead(500).end(String(error));
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
process.stdin.once('close', () => process.exit(0));
process.stdin.resume();
