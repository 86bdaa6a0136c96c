import { callsOf } from './script.ts';
import type { FaultScript, Refusal, RetrySpelling } from './script.ts';

const clouds = ['aws', 'azure'] as const;

const spellings: readonly (RetrySpelling | undefined)[] = [
  undefined,
  'retry-after',
  'http-date',
  'retry-after-ms',
  'x-ms-retry-after-ms',
];

const busy = [
  { status: 429, code: 'TooManyRequests', message: 'Too many requests.' },
  { status: 503, code: 'ServiceUnavailable', message: 'The service is busy.' },
] as const;

/** 429 and 503, with each way of saying when to come again and with none. */
const busyScripts: readonly FaultScript[] = clouds.flatMap((cloud) =>
  busy.flatMap((refusal) =>
    spellings.map((retryAfter): FaultScript => ({
      name: retryAfter === undefined ? `${refusal.status}` : `${refusal.status} ${retryAfter}`,
      cloud,
      calls: callsOf[cloud],
      deed: { kind: 'refuse', ...refusal, ...(retryAfter === undefined ? {} : { retryAfter }) },
    })),
  ),
);

const awsThrottling: Refusal = {
  kind: 'refuse',
  status: 400,
  code: 'Throttling',
  message: 'Rate exceeded',
};

const awsRefusals: readonly FaultScript[] = [
  { name: '400 Throttling', cloud: 'aws', calls: callsOf.aws, deed: awsThrottling },
  {
    // The older name stands in that header; STS and Bedrock have one style each.
    name: '400 Throttling without x-amzn-query-error',
    cloud: 'aws',
    calls: ['monitoring:ListMetrics', 'monitoring:GetMetricData'],
    deed: { ...awsThrottling, queryErrorHeader: false },
  },
  {
    name: 'denied',
    cloud: 'aws',
    calls: callsOf.aws,
    deed: {
      kind: 'refuse',
      status: 403,
      code: 'AccessDenied',
      message: 'Access denied with an explicit deny in a service control policy',
    },
  },
  {
    name: 'expired credential',
    cloud: 'aws',
    calls: callsOf.aws,
    deed: {
      kind: 'refuse',
      status: 403,
      code: 'ExpiredToken',
      message: 'The security token included in the request is expired',
    },
  },
];

const azureRefusals: readonly FaultScript[] = [
  {
    name: '529',
    cloud: 'azure',
    calls: ['metrics'],
    deed: {
      kind: 'answer',
      answer: {
        status: 529,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          cost: 0,
          value: [
            {
              name: { value: 'ModelRequests' },
              errorCode: 'Throttled',
              errorMessage: 'The backend is overloaded.',
              timeseries: [],
            },
          ],
        }),
      },
    },
  },
  {
    name: 'denied',
    cloud: 'azure',
    calls: callsOf.azure,
    deed: {
      kind: 'refuse',
      status: 403,
      code: 'AuthorizationFailed',
      message: 'The client does not have authorization to perform this action over this scope.',
    },
  },
  {
    name: 'expired credential',
    cloud: 'azure',
    calls: callsOf.azure,
    deed: {
      kind: 'refuse',
      status: 401,
      code: 'ExpiredAuthenticationToken',
      message: 'The access token expiry UTC time is earlier than current UTC time.',
    },
  },
];

export const refusalScripts: readonly FaultScript[] = [
  ...busyScripts,
  ...awsRefusals,
  ...azureRefusals,
];
