import { writeToken } from '../aws/token.ts';
import type { Instant } from '../../../agent/core/time.ts';
import type { Call } from '../faults.ts';
import type { Answer, Served } from '../http.ts';
import { brokenScripts } from './broken.ts';
import { withBody, withEach } from './json.ts';
import type { JsonObject } from './json.ts';
import { refusalScripts } from './refusals.ts';
import { callsOf } from './script.ts';
import type { FaultScript } from './script.ts';

const costCalls = ['ce:GetCostAndUsage', 'ce:GetDimensionValues'] as const;

/** Whatever befalls every call of AWS befalls these. */
const commonScripts: readonly FaultScript[] = [...refusalScripts, ...brokenScripts]
  .filter(
    ({ cloud, calls }) => cloud === 'aws' && callsOf.aws.every((call) => calls.includes(call)),
  )
  .map((script): FaultScript => ({ ...script, calls: costCalls }));

/** Cost Explorer has a word of its own for a rate that is used up. */
const limitScript: FaultScript = {
  name: '400 LimitExceeded',
  cloud: 'aws',
  calls: costCalls,
  deed: {
    kind: 'refuse',
    status: 400,
    code: 'LimitExceeded',
    message: 'You made too many calls in a short period of time. Try again later.',
  },
};

const lists = {
  'ce:GetCostAndUsage': 'ResultsByTime',
  'ce:GetDimensionValues': 'DimensionValues',
} as const;

/** The place that the page asked for has in the round; 0 for the first. */
function placeIn({ body }: Call): number {
  const asked: unknown = JSON.parse(body);
  const token = typeof asked === 'object' && asked !== null && Reflect.get(asked, 'NextPageToken');
  if (typeof token !== 'string') return 0;
  const place: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  const page: unknown = typeof place === 'object' && place !== null && Reflect.get(place, 'page');
  return typeof page === 'number' ? page : 0;
}

/** Pages behind the first say nothing new, so that only their tokens tell. */
function looping(call: (typeof costCalls)[number], following: (page: number) => number) {
  return (asked: Call, answer: Served, asOf: Instant): Answer => {
    const page = placeIn(asked);
    const token = writeToken({ asOf, from: 0, page: following(page) });
    return withBody(answer, (body) => ({
      ...body,
      ...(page > 0 ? { [lists[call]]: [] } : {}),
      NextPageToken: token,
    }));
  };
}

const loopScripts: readonly FaultScript[] = costCalls.flatMap((call) =>
  (
    [
      ['repeated page token', () => 1],
      ['page loop', (page: number) => (page === 1 ? 2 : 1)],
      ['pages without end', (page: number) => page + 1],
    ] as const
  ).map(([name, following]): FaultScript => ({
    name,
    cloud: 'aws',
    calls: [call],
    deed: { kind: 'alter', alter: looping(call, following) },
  })),
);

/** A day whose groups are changed. */
function days(change: (day: JsonObject, index: number) => JsonObject) {
  return (_call: Call, answer: Served): Answer =>
    withBody(answer, (body) => withEach(body, 'ResultsByTime', change));
}

function wordAmounts(group: JsonObject): JsonObject {
  const amount = { Amount: 'many', Unit: 'USD' };
  return {
    ...group,
    Metrics: { UnblendedCost: amount, AmortizedCost: amount, UsageQuantity: amount },
  };
}

/** Answers that arrive whole and are not what they should be. */
const wrongScripts: readonly FaultScript[] = (
  [
    ['wrong types', days((day) => withEach(day, 'Groups', wordAmounts))],
    ['a group twice', days((day) => ({ ...day, Groups: twice(day['Groups']) }))],
    [
      'another day',
      days((day) => ({ ...day, TimePeriod: { Start: '2020-01-01', End: '2020-01-02' } })),
    ],
    [
      'a day left out',
      (_call: Call, answer: Served): Answer =>
        withBody(answer, (body) => ({ ...body, ResultsByTime: tail(body['ResultsByTime']) })),
    ],
  ] as const
).map(([name, alter]): FaultScript => ({
  name,
  cloud: 'aws',
  calls: ['ce:GetCostAndUsage'],
  deed: { kind: 'alter', alter },
}));

function twice(list: unknown): unknown {
  return Array.isArray(list) ? [...list, ...list] : list;
}

function tail(list: unknown): unknown {
  return Array.isArray(list) ? list.slice(1) : list;
}

/** The ways of calls for bills to be in trouble, under the names that the other calls' ways have. */
export const billScripts: readonly FaultScript[] = [
  ...commonScripts,
  limitScript,
  ...loopScripts,
  ...wrongScripts,
];
