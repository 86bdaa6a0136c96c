import { answerUnder } from '../faults.ts';
import { jsonAnswer, serveLoopback } from '../http.ts';
import type { Answer, Loopback, Received } from '../http.ts';
import type { World } from '../world.ts';
import { callerOf } from './access.ts';
import type { Caller } from './access.ts';
import { getCostAndUsage, getDimensionValues } from './cost-explorer.ts';
import { AwsError, bedrockRefusal, cloudWatchRefusal, costRefusal, stsRefusal } from './errors.ts';
import { createChargesOfDay, getEstimated, listEstimated } from './estimated-charges.ts';
import { getMetricData } from './get-metric-data.ts';
import type { Scope } from './get-metric-data.ts';
import { listInferenceProfiles, listTagsForResource } from './inference-profiles.ts';
import { createLastDatum, listMetrics } from './list-metrics.ts';
import { answerOffer } from './offers.ts';
import { listProvisionedThroughputs } from './provisioned-throughputs.ts';
import { seriesOf } from './series.ts';
import { answerSts } from './sts.ts';
import type { StsOptions } from './sts.ts';

export interface AwsOptions extends StsOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Series a page of ListMetrics; 500 as AWS has it. */
  readonly listPageSize?: number;
  /** Groups or values a page of Cost Explorer; 1,000 unless given. */
  readonly costPageSize?: number;
  /** False: refusals of CloudWatch carry no `x-amzn-query-error`, so that clients see the newer names. */
  readonly queryErrorHeader?: boolean;
}

const target = /^(?:GraniteServiceVersion20100801|AWSInsightsIndexService)\./;

const bedrockPaths: Readonly<Record<string, string>> = {
  '/inference-profiles': 'ListInferenceProfiles',
  '/provisioned-model-throughputs': 'ListProvisionedModelThroughputs',
  '/listTagsForResource': 'ListTagsForResource',
};

function operationOf({ service }: Caller, received: Received): string {
  if (service === 'monitoring' || service === 'ce') {
    return (received.headers['x-amz-target'] ?? '').replace(target, '');
  }
  if (service === 'sts') return new URLSearchParams(received.body).get('Action') ?? '';
  return bedrockPaths[received.url.pathname] ?? '';
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

/** CloudWatch, Cost Explorer, the part of Bedrock that names inference profiles and model units, and STS, all at one address. */
export function startAws(world: World, options: AwsOptions = {}): Promise<Loopback> {
  const { lanes } = world.traffic;
  const scopeOf = createScopes(world);
  const ofDay = createChargesOfDay();
  const listing = { pageSize: options.listPageSize ?? 500, lastDatum: createLastDatum() };

  function answerCloudWatch(operation: string, caller: Caller, body: string): Answer {
    const { traffic, aggregates, settled } = world;
    const view = { traffic, aggregates, settled, asOf: world.now() };
    const type = 'application/x-amz-json-1.0';
    const { account, region } = caller;
    if (operation === 'GetMetricData') {
      const asked = parseJson(body);
      const bills = { billing: world.billing, asOf: view.asOf, ofDay };
      const estimated = getEstimated(asked, account, region, bills);
      return jsonAnswer(200, estimated ?? getMetricData(asked, scopeOf(caller), view), type);
    }
    if (operation === 'ListMetrics') {
      const asked = parseJson(body);
      const estimated = listEstimated(asked, account, region);
      return jsonAnswer(200, estimated ?? listMetrics(asked, scopeOf(caller), view, listing), type);
    }
    throw new AwsError(400, 'UnknownOperation', `There is no operation ${operation}.`);
  }

  function answerCosts(operation: string, { account }: Caller, body: string): Answer {
    const view = { billing: world.billing, asOf: world.now() };
    const pages = { pageSize: options.costPageSize ?? 1_000 };
    const type = 'application/x-amz-json-1.1';
    if (operation === 'GetCostAndUsage') {
      return jsonAnswer(200, getCostAndUsage(parseJson(body), account, view, pages), type);
    }
    if (operation === 'GetDimensionValues') {
      return jsonAnswer(200, getDimensionValues(parseJson(body), account, view, pages), type);
    }
    throw new AwsError(400, 'UnknownOperation', `There is no operation ${operation}.`);
  }

  function answerBedrock(operation: string, caller: Caller, { url, body }: Received): Answer {
    if (operation === 'ListInferenceProfiles') {
      return jsonAnswer(200, listInferenceProfiles(lanes, caller, url.searchParams));
    }
    if (operation === 'ListProvisionedModelThroughputs') {
      return jsonAnswer(200, listProvisionedThroughputs(lanes, caller, url.searchParams));
    }
    if (operation === 'ListTagsForResource') {
      return jsonAnswer(200, listTagsForResource(lanes, caller, parseJson(body)));
    }
    throw new AwsError(404, 'UnknownOperation', `There is nothing at ${url.pathname}.`);
  }

  function refuse(service: string, error: AwsError): Answer {
    if (service === 'sts') return stsRefusal(error);
    if (service === 'bedrock') return bedrockRefusal(error);
    if (service === 'ce') return costRefusal(error);
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
        if (service === 'ce') return answerCosts(operation, caller, body);
        return answerCloudWatch(operation, caller, body);
      });
    } catch (error) {
      if (error instanceof AwsError) return refuse(service, error);
      throw error;
    }
  });
}
