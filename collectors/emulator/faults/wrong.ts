import { isoUtc, secondMs } from '../../../agent/core/time.ts';
import type { Call } from '../faults.ts';
import type { Served } from '../http.ts';
import { withBody, withEach } from './json.ts';
import type { JsonObject } from './json.ts';
import type { FaultScript } from './script.ts';

function alter(
  cloud: FaultScript['cloud'],
  call: string,
  name: string,
  change: (answer: Served, call: Call) => Served,
): FaultScript {
  return {
    name,
    cloud,
    calls: [call],
    deed: { kind: 'alter', alter: (asked, answer) => change(answer, asked) },
  };
}

function body(change: (body: JsonObject) => JsonObject): (answer: Served) => Served {
  return (answer) => withBody(answer, change);
}

/** Every item of the list at `key` with these members instead. */
function each(key: string, members: JsonObject): (answer: Served) => Served {
  return body((whole) => withEach(whole, key, (item) => ({ ...item, ...members })));
}

function asText(list: unknown): unknown {
  return Array.isArray(list) ? list.map(String) : list;
}

function isoOfSeconds(list: unknown): unknown {
  return Array.isArray(list) ? list.map((at) => isoUtc(Number(at) * secondMs)) : list;
}

const results = 'MetricDataResults';
const types = 'wrong types';

const awsWrong: readonly FaultScript[] = [
  alter('aws', 'monitoring:ListMetrics', types, each('Metrics', { MetricName: 7, Dimensions: {} })),
  alter('aws', 'monitoring:GetMetricData', types, (answer) =>
    withBody(answer, (whole) =>
      withEach(whole, results, (item) => ({ ...item, Values: asText(item['Values']) })),
    ),
  ),
  alter('aws', 'sts:AssumeRole', types, (answer) => ({
    ...answer,
    body: answer.body.replace(/<Expiration>[^<]*</, '<Expiration>soon<'),
  })),
  alter(
    'aws',
    'bedrock:ListInferenceProfiles',
    types,
    each('inferenceProfileSummaries', { inferenceProfileId: 7, models: 'all' }),
  ),
  alter(
    'aws',
    'bedrock:ListProvisionedModelThroughputs',
    types,
    body((whole) => ({ ...whole, provisionedModelSummaries: 'all' })),
  ),
  alter('aws', 'sts:GetCallerIdentity', types, (answer) => ({
    ...answer,
    body: answer.body.replace(/<Account>[^<]*</, '<Account>mine<'),
  })),
  alter(
    'aws',
    'bedrock:ListTagsForResource',
    types,
    body((whole) => ({ ...whole, tags: 'all' })),
  ),
  alter('aws', 'monitoring:GetMetricData', 'ISO dates for seconds', (answer) =>
    withBody(answer, (whole) =>
      withEach(whole, results, (item) => ({
        ...item,
        Timestamps: isoOfSeconds(item['Timestamps']),
      })),
    ),
  ),
  alter('aws', 'monitoring:GetMetricData', 'Forbidden', (answer) =>
    withBody(answer, (whole) =>
      withEach(whole, results, (item, index) =>
        index > 0 ? item : { ...item, Timestamps: [], Values: [], StatusCode: 'Forbidden' },
      ),
    ),
  ),
  alter(
    'aws',
    'monitoring:GetMetricData',
    'PartialData without end',
    each(results, { Timestamps: [], Values: [], StatusCode: 'PartialData' }),
  ),
];

/** Words where figures belong; a figure written as text would be read for what it is. */
function wordFigures(point: JsonObject): JsonObject {
  const words = Object.keys(point).map((key) => [key, 'many']);
  return { ...Object.fromEntries(words), timeStamp: point['timeStamp'] };
}

function wordMetrics(answer: JsonObject): JsonObject {
  return withEach(answer, 'value', (metric) =>
    withEach(metric, 'timeseries', (series) => withEach(series, 'data', wordFigures)),
  );
}

/** The first of several metrics says in a 200 that it was not read. */
function throttleFirst(answer: JsonObject): JsonObject {
  const refused = { timeseries: [], errorCode: 'Throttled', errorMessage: 'Throttled.' };
  return withEach(answer, 'value', (metric, index) =>
    index > 0 ? metric : { ...metric, ...refused },
  );
}

/** What an answer about one resource becomes, done to every resource of a batch. */
function eachResource(change: (answer: JsonObject) => JsonObject): (answer: Served) => Served {
  return body((whole) => withEach(whole, 'values', change));
}

const azureWrong: readonly FaultScript[] = [
  alter('azure', 'subscriptions', types, each('value', { subscriptionId: 7 })),
  alter('azure', 'accounts', types, each('value', { location: 7 })),
  alter('azure', 'deployments', types, each('value', { properties: 'none' })),
  alter('azure', 'metricDefinitions', types, each('value', { name: 7, dimensions: 'all' })),
  alter('azure', 'metrics', types, body(wordMetrics)),
  alter('azure', 'getBatch', types, eachResource(wordMetrics)),
  alter('azure', 'metrics', '200 with errorCode Throttled', body(throttleFirst)),
  alter('azure', 'getBatch', '200 with errorCode Throttled', eachResource(throttleFirst)),
];

/** Answers that arrive whole and are not what they should be. */
export const wrongScripts: readonly FaultScript[] = [...awsWrong, ...azureWrong];
