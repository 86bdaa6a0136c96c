import * as z from 'zod';
import { answerUnder } from '../faults.ts';
import type { Call } from '../faults.ts';
import { jsonAnswer, serveLoopback } from '../http.ts';
import type { Answer, Loopback, Received } from '../http.ts';
import { isAzureLane } from '../scenario-lane.ts';
import type { AzureAccount, AzureLane } from '../scenario-lane.ts';
import type { World } from '../world.ts';
import { answerCosts } from './cost-answer.ts';
import type { CostOptions } from './cost-answer.ts';
import { createCostLimits } from './cost-limits.ts';
import { definitionItems } from './definitions.ts';
import type { Offer } from './metrics.ts';
import { understand } from './question.ts';
import type { Question, QuestionText, Refusal } from './question.ts';
import { renderMetrics, stamp } from './render.ts';
import {
  accountId,
  accountItem,
  accountsOf,
  deploymentItem,
  isOf,
  speechItem,
  subscriptionItem,
} from './resources.ts';
import { answerRetailPrices } from './retail-prices.ts';

export interface AzureOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Whether metrics may be split by the service tier, asked anew with every call: definitions drift. Default yes. */
  readonly offersTiers?: () => boolean;
  /** Which families of metrics the accounts define, asked anew with every call. Default both. */
  readonly families?: () => Offer['families'];
  /** Whether calls for costs are limited as Azure limits them, by this cloud's clock. Default yes. */
  readonly limitsCosts?: boolean;
  /** Rows of a page of costs. Default 1,000, as Azure has it. */
  readonly costRows?: number;
}

const accountsPage = 2;
const deploymentsPage = 5;
const mostResources = 50;
const namespace = 'microsoft.cognitiveservices/accounts';

interface Azure {
  readonly world: World;
  readonly lanes: readonly AzureLane[];
  readonly accounts: readonly AzureAccount[];
  readonly offer: () => Offer;
  readonly costs: CostOptions;
}

/**
 * Resource Manager and Azure Monitor of the traffic's Azure deployments on loopback: subscriptions, accounts,
 * deployments, metric definitions, metrics and their batch form, and what Cost Management bills. Any bearer token will do; none is 401.
 */
export function startAzure(world: World, options: AzureOptions = {}): Promise<Loopback> {
  const lanes = world.traffic.lanes.filter(isAzureLane);
  const { offersTiers = () => true, families = () => 'both' } = options;
  const azure: Azure = {
    world,
    lanes,
    accounts: accountsOf(lanes),
    offer: () => ({ families: families(), tiers: offersTiers() }),
    costs: {
      limits: options.limitsCosts === false ? undefined : createCostLimits(),
      pageRows: options.costRows ?? 1_000,
    },
  };
  return serveLoopback(options.port ?? 0, (received) => answer(azure, received));
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly operation: string;
  readonly pattern: RegExp;
  readonly serve: (azure: Azure, place: Place, received: Received) => Answer;
}

/** What a path names; undefined where it names none, or none there is. */
interface Place {
  readonly subscription: string;
  readonly account: AzureAccount | undefined;
}

const sub = String.raw`/subscriptions/(?<subscription>[^/]+)`;
const accounts = '/providers/microsoft.cognitiveservices/accounts';
const one = `${sub}/resourcegroups/(?<group>[^/]+)${accounts}/(?<name>[^/]+)`;
const insights = '/providers/microsoft.insights';

function get(operation: string, path: string, serve: Route['serve']): Route {
  return { method: 'GET', operation, pattern: new RegExp(`^${path}$`, 'i'), serve };
}

/** `operation` is what a fault script sees. */
const routes: readonly Route[] = [
  get('subscriptions', '/subscriptions', serveSubscriptions),
  get('accounts', `${sub}${accounts}`, serveAccounts),
  get('deployments', `${one}/deployments`, ofAccount(serveDeployments)),
  get('metricDefinitions', `${one}${insights}/metricdefinitions`, ofAccount(serveDefinitions)),
  get('metrics', `${one}${insights}/metrics`, ofAccount(serveMetrics)),
  {
    ...get('costs', `${sub}/providers/microsoft.costmanagement/query`, serveCosts),
    method: 'POST',
  },
  { ...get('getBatch', `${sub}/metrics:getbatch`, serveBatch), method: 'POST' },
];

function answer(azure: Azure, received: Received): Answer {
  const prices = answerRetailPrices(received);
  if (prices !== undefined) return prices;
  const { url, method, headers, body } = received;
  // A path that begins with two slashes was taken for a host; real services collapse them.
  const path = url.hostname === '127.0.0.1' ? url.pathname : `/${url.hostname}${url.pathname}`;
  for (const route of routes) {
    const match = route.pattern.exec(path.replace(/\/+$/, ''));
    if (match === null || route.method !== method) continue;
    const { subscription = '', group = '', name = '' } = match.groups ?? {};
    const account = azure.accounts.find(
      (each) =>
        same(each.subscription, subscription) &&
        same(each.resourceGroup, group) &&
        same(each.name, name),
    );
    const call: Call = {
      cloud: 'azure',
      operation: route.operation,
      account: subscription,
      region: account?.location ?? '',
      url: `${path}${url.search}`,
      body,
    };
    return answerUnder(azure.world.faults, call, () => {
      if (!/^bearer \S/i.test(headers['authorization'] ?? '')) {
        return failure(401, 'AuthenticationFailed', 'The authorization header is missing.');
      }
      return route.serve(azure, { subscription, account }, received);
    });
  }
  return failure(404, 'NotFound', `No such address: ${method} ${path}`);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function failure(status: number, code: string, message: string): Answer {
  return jsonAnswer(status, { error: { code, message } });
}

function ofAccount(
  serve: (azure: Azure, account: AzureAccount, received: Received) => Answer,
): Route['serve'] {
  return (azure, { account }, received) =>
    account === undefined
      ? failure(404, 'ResourceNotFound', 'The account under this resource group was not found.')
      : serve(azure, account, received);
}

/** One page of a listing; `nextLink` where there are more. */
function pageOf(items: readonly unknown[], size: number, received: Received): Answer {
  const { url, headers } = received;
  const from = Number(url.searchParams.get('$skiptoken') ?? '0');
  const value = items.slice(from, from + size);
  if (from + size >= items.length) return jsonAnswer(200, { value });
  const next = new URL(`${url.pathname}${url.search}`, `http://${headers['host'] ?? '127.0.0.1'}`);
  next.searchParams.set('$skiptoken', String(from + size));
  return jsonAnswer(200, { value, nextLink: next.href });
}

function serveSubscriptions(azure: Azure, _place: Place, received: Received): Answer {
  const ids = new Set(azure.accounts.map((account) => account.subscription));
  return pageOf([...ids].map(subscriptionItem), 1_000, received);
}

function serveAccounts(azure: Azure, { subscription }: Place, received: Received): Answer {
  const here = azure.accounts.filter((account) => same(account.subscription, subscription));
  if (here.length === 0) {
    return failure(
      404,
      'SubscriptionNotFound',
      `The subscription '${subscription}' could not be found.`,
    );
  }
  return pageOf([...here.map(accountItem), speechItem(subscription)], accountsPage, received);
}

function serveCosts(azure: Azure, { subscription }: Place, received: Received): Answer {
  return answerCosts(azure.world, subscription, received, azure.costs);
}

function serveDeployments(azure: Azure, account: AzureAccount, received: Received): Answer {
  const lanes = azure.lanes.filter((lane) => isOf(account, lane));
  return pageOf(
    lanes.map((lane) => deploymentItem(account, lane)),
    deploymentsPage,
    received,
  );
}

function serveDefinitions(azure: Azure, account: AzureAccount): Answer {
  return jsonAnswer(200, { value: definitionItems(account, azure.offer()) });
}

function serveMetrics(azure: Azure, account: AzureAccount, received: Received): Answer {
  const query = received.url.searchParams;
  const [start, end] = (query.get('timespan') ?? '').split('/');
  const question = questionOf(azure, query, {
    start: start === '' ? undefined : start,
    end,
    filter: query.get('$filter') ?? undefined,
  });
  if ('refused' in question) {
    return jsonAnswer(400, { code: 'BadRequest', message: question.refused });
  }
  const span = `${stamp(question.window.start)}/${stamp(question.window.end)}`;
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-ms-ratelimit-remaining-subscription-reads': '249',
    },
    body: `{"timespan":"${span}",${inner(azure, account, question)}}`,
  };
}

function serveBatch(azure: Azure, { subscription }: Place, received: Received): Answer {
  const parsed = z.object({ resourceids: z.array(z.string()) }).safeParse(jsonOf(received.body));
  if (!parsed.success || parsed.data.resourceids.length === 0) {
    return failure(400, 'BadRequest', 'The body names no resources.');
  }
  if (parsed.data.resourceids.length > mostResources) {
    return failure(400, 'BadRequest', `Only ${mostResources} resources are allowed.`);
  }
  const query = received.url.searchParams;
  const question = questionOf(azure, query, {
    start: query.get('starttime') ?? undefined,
    end: query.get('endtime') ?? undefined,
    filter: query.get('filter') ?? undefined,
  });
  if ('refused' in question) return failure(400, 'BadRequest', question.refused);
  const values: string[] = [];
  for (const id of parsed.data.resourceids) {
    const account = azure.accounts.find((each) => same(accountId(each), id));
    if (account === undefined || !same(account.subscription, subscription)) {
      return failure(404, 'ResourceNotFound', `No such resource: ${id}`);
    }
    const { start, end } = question.window;
    const span = `"starttime":"${stamp(start)}","endtime":"${stamp(end)}"`;
    values.push(`{${span},"resourceid":${JSON.stringify(id)},${inner(azure, account, question)}}`);
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: `{"values":[${values.join()}]}`,
  };
}

function questionOf(
  azure: Azure,
  query: URLSearchParams,
  told: Pick<QuestionText, 'start' | 'end' | 'filter'>,
): Question | Refusal {
  const asked = query.get('metricnamespace');
  if (asked !== null && !same(asked, namespace)) {
    return { refused: `Cannot find a namespace: ${asked}` };
  }
  const word = (name: string): string | undefined => query.get(name) ?? undefined;
  return understand(
    {
      ...told,
      metricNames: word('metricnames'),
      interval: word('interval'),
      aggregation: word('aggregation'),
      rollUp: word('rollupby'),
      top: word('top'),
    },
    azure.world.now(),
    azure.offer(),
  );
}

/** What both forms of an answer share. */
function inner(azure: Azure, account: AzureAccount, question: Question): string {
  const lanes = azure.lanes.filter((lane) => isOf(account, lane));
  const value = renderMetrics(azure.world, account, lanes, question);
  const rest = `"namespace":"Microsoft.CognitiveServices/accounts","resourceregion":"${account.location}"`;
  return `"cost":59,"interval":"${question.interval}",${rest},"value":${value}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
