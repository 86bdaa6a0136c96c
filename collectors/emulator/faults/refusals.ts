import type { Served } from '../http.ts';
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

/** What overloaded model services answer, spoken in each service's own shape. */
const overload: Refusal = {
  kind: 'refuse',
  status: 529,
  code: 'Overloaded',
  message: 'The backend is overloaded.',
};

/** The one call that answers it in another shape: a metric's own code in a body like that of a 200. */
const overloadedMetrics: Served = {
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
};

const overloadScripts: readonly FaultScript[] = [
  ...clouds.map((cloud): FaultScript => ({
    name: '529',
    cloud,
    calls: callsOf[cloud].filter((call) => call !== 'metrics'),
    deed: overload,
  })),
  {
    name: '529',
    cloud: 'azure',
    calls: ['metrics'],
    deed: { kind: 'answer', answer: overloadedMetrics },
  },
];

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
  {
    // This machine's clock is off by more than the five minutes that a signature may be old.
    name: 'signature expired',
    cloud: 'aws',
    calls: callsOf.aws,
    deed: {
      kind: 'refuse',
      status: 403,
      code: 'SignatureDoesNotMatch',
      message: 'Signature expired: 20261118T120010Z is now earlier than 20261118T120510Z',
    },
  },
];

const azureRefusals: readonly FaultScript[] = [
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
  ...overloadScripts,
  ...awsRefusals,
  ...azureRefusals,
];
