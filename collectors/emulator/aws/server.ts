import { answerUnder } from '../faults.ts';
import { jsonAnswer, serveLoopback } from '../http.ts';
import type { Answer, Loopback, Received } from '../http.ts';
import type { World } from '../world.ts';
import { callerOf } from './access.ts';
import type { Caller } from './access.ts';
import { AwsError, bedrockRefusal, cloudWatchRefusal, stsRefusal } from './errors.ts';
import { getMetricData } from './get-metric-data.ts';
import type { Scope } from './get-metric-data.ts';
import { listInferenceProfiles, listTagsForResource } from './inference-profiles.ts';
import { createLastDatum, listMetrics } from './list-metrics.ts';
import { answerOffer } from './offers.ts';
import { seriesOf } from './series.ts';
import { answerSts } from './sts.ts';
import type { StsOptions } from './sts.ts';

export interface AwsOptions extends StsOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Series a page of ListMetrics; 500 as AWS has it. */
  readonly listPageSize?: number;
  /** False: refusals of CloudWatch carry no `x-amzn-query-error`, so that clients see the newer names. */
  readonly queryErrorHeader?: boolean;
}

const target = 'GraniteServiceVersion20100801.';

function operationOf({ service }: Caller, received: Received): string {
  if (service === 'monitoring') return (received.headers['x-amz-target'] ?? '').replace(target, '');
  if (service === 'sts') return new URLSearchParams(received.body).get('Action') ?? '';
  if (received.url.pathname === '/inference-profiles') return 'ListInferenceProfiles';
  return received.url.pathname === '/listTagsForResource' ? 'ListTagsForResource' : '';
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsError(400, 'ValidationError', 'The body is not JSON.');
  }
}

/** Series of an account and region never change, so they are made once. */
function createScopes(world: World): (caller: Caller) => Scope {
  const scopes = new Map<string, Scope>();
  return ({ account, region }) => {
    const known = scopes.get(`${account}/${region}`);
    if (known !== undefined) return known;
    const { lanes } = world.traffic;
    const scope = { account, series: seriesOf(lanes, world.aggregates, account, region) };
    scopes.set(`${account}/${region}`, scope);
    return scope;
  };
}

/** CloudWatch, the part of Bedrock that names inference profiles, and STS, all at one address. */
export function startAws(world: World, options: AwsOptions = {}): Promise<Loopback> {
  const { lanes } = world.traffic;
  const scopeOf = createScopes(world);
  const listing = { pageSize: options.listPageSize ?? 500, lastDatum: createLastDatum() };

  function answerCloudWatch(operation: string, caller: Caller, body: string): Answer {
    const { traffic, aggregates, settled } = world;
    const view = { traffic, aggregates, settled, asOf: world.now() };
    const type = 'application/x-amz-json-1.0';
    if (operation === 'GetMetricData') {
      return jsonAnswer(200, getMetricData(parseJson(body), scopeOf(caller), view), type);
    }
    if (operation === 'ListMetrics') {
      return jsonAnswer(200, listMetrics(parseJson(body), scopeOf(caller), view, listing), type);
    }
    throw new AwsError(400, 'UnknownOperation', `There is no operation ${operation}.`);
  }

  function answerBedrock(operation: string, caller: Caller, { url, body }: Received): Answer {
    if (operation === 'ListInferenceProfiles') {
      return jsonAnswer(200, listInferenceProfiles(lanes, caller, url.searchParams));
    }
    if (operation === 'ListTagsForResource') {
      return jsonAnswer(200, listTagsForResource(lanes, caller, parseJson(body)));
    }
    throw new AwsError(404, 'UnknownOperation', `There is nothing at ${url.pathname}.`);
  }

  function refuse(service: string, error: AwsError): Answer {
    if (service === 'sts') return stsRefusal(error);
    if (service === 'bedrock') return bedrockRefusal(error);
    return cloudWatchRefusal(error, options.queryErrorHeader ?? true);
  }

  return serveLoopback(options.port ?? 0, (received) => {
    const { headers, body, url } = received;
    const offer = answerOffer(received);
    if (offer !== undefined) return offer;
    const authorization = headers['authorization'] ?? '';
    const service = /\/([a-z-]+)\/aws4_request/.exec(authorization)?.[1] ?? '';
    try {
      const caller = callerOf(authorization);
      const operation = operationOf(caller, received);
      const { account, region } = caller;
      const call = { cloud: 'aws', account, region, url: url.href, body } as const;
      const named = { ...call, operation: `${service}:${operation}` };
      return answerUnder(world.faults, named, () => {
        if (service === 'sts') return answerSts(new URLSearchParams(body), caller, options);
        if (service === 'bedrock') return answerBedrock(operation, caller, received);
        return answerCloudWatch(operation, caller, body);
      });
    } catch (error) {
      if (error instanceof AwsError) return refuse(service, error);
      throw error;
    }
  });
}
