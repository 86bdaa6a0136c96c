import type { Instant } from '../../../agent/core/time.ts';
import { writeToken } from '../aws/token.ts';
import type { Call } from '../faults.ts';
import type { Answer, Served } from '../http.ts';
import { withBody } from './json.ts';
import type { FaultScript } from './script.ts';

/** A token that leads to the first page again; a number beside it tells it from other such tokens. */
type TokenOf = (at: Instant) => Readonly<Record<string, number>>;

/** Which number the page asked for has; 0 for the first. */
function pageOf(token: string | null | undefined): number {
  if (typeof token !== 'string') return 0;
  const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  const page: unknown = typeof place === 'object' && place !== null && Reflect.get(place, 'page');
  return typeof page === 'number' ? page : 0;
}

interface Paged {
  readonly call: string;
  readonly list: string;
  readonly key: string;
  readonly tokenOf: TokenOf;
  readonly asked: (call: Call) => unknown;
}

/** The number of the page that follows this one. */
type Next = (page: number) => number;

/** Pages that go round; those behind the first are empty. */
function awsLoop({ list, key, tokenOf, asked }: Paged, following: Next) {
  return (call: Call, answer: Served, at: Instant): Answer => {
    const token = asked(call);
    const page = following(pageOf(typeof token === 'string' ? token : null));
    return withBody(answer, (body) => ({
      ...body,
      ...(page > 1 ? { [list]: [] } : {}),
      [key]: writeToken({ ...tokenOf(at), page }),
    }));
  };
}

function azureLoop(following: Next) {
  return (call: Call, answer: Served): Answer => {
    const next = new URL(call.url, 'http://127.0.0.1');
    const page = following(Number(next.searchParams.get('page') ?? '0'));
    next.searchParams.set('$skiptoken', '0');
    next.searchParams.set('page', String(page));
    return withBody(answer, (body) => ({ ...body, nextLink: `${next.pathname}${next.search}` }));
  };
}

function bodyToken({ body }: Call): unknown {
  const parsed: unknown = JSON.parse(body);
  return typeof parsed === 'object' && parsed !== null && Reflect.get(parsed, 'NextToken');
}

function queryToken({ url }: Call): unknown {
  return new URL(url).searchParams.get('nextToken');
}

const paged: readonly Paged[] = [
  {
    call: 'monitoring:ListMetrics',
    list: 'Metrics',
    key: 'NextToken',
    tokenOf: (asOf: Instant) => ({ asOf, from: 0 }),
    asked: bodyToken,
  },
  {
    call: 'monitoring:GetMetricData',
    list: 'MetricDataResults',
    key: 'NextToken',
    tokenOf: (asOf: Instant) => ({ asOf, step: 0, query: 0 }),
    asked: bodyToken,
  },
  {
    call: 'bedrock:ListInferenceProfiles',
    list: 'inferenceProfileSummaries',
    key: 'nextToken',
    tokenOf: () => ({ from: 0 }),
    asked: queryToken,
  },
  {
    call: 'bedrock:ListProvisionedModelThroughputs',
    list: 'provisionedModelSummaries',
    key: 'nextToken',
    tokenOf: () => ({ from: 0 }),
    asked: queryToken,
  },
];

/** Resource Manager's listings that have pages at all. */
const azurePaged = ['subscriptions', 'accounts', 'deployments'];

const rounds: readonly (readonly [name: string, following: Next])[] = [
  ['repeated page token', () => 1],
  ['page loop', (page) => (page === 1 ? 2 : 1)],
  // Nobody can tell but by counting.
  ['pages without end', (page) => page + 1],
];

export const pageScripts: readonly FaultScript[] = rounds.flatMap(
  ([name, following]): readonly FaultScript[] => [
    ...paged.map((one): FaultScript => ({
      name,
      cloud: 'aws',
      calls: [one.call],
      deed: { kind: 'alter', alter: awsLoop(one, following) },
    })),
    {
      name,
      cloud: 'azure',
      calls: azurePaged,
      deed: { kind: 'alter', alter: azureLoop(following) },
    },
  ],
);
