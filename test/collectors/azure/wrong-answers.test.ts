import { afterEach, describe, expect, it } from 'vitest';
import type { ExternalError } from '../../../agent/core/errors.ts';
import type { AzureConfig } from '../../../collectors/azure/config.ts';
import { azureSources, rejection, requestOf, secretToken } from '../../support/azure-source.ts';
import {
  metricJson,
  metricsJson,
  minutePoints,
  seriesJson,
  windowAsked,
} from '../../support/azure-server.ts';
import type { Asked, Scripted } from '../../support/azure-server.ts';

const never = new AbortController().signal;
const sources = azureSources();
afterEach(() => sources.close());

const input = { ModelDeploymentName: 'chat', ModelName: 'gpt-4o', ModelVersion: '2024-08-06' };

async function failureOf(
  script: (asked: Asked) => Scripted,
  rest: Partial<AzureConfig> = {},
): Promise<ExternalError> {
  const { collector } = await sources.start(script, rest);
  return (await rejection(
    collector.collect(requestOf(['InputTokens', 'OutputTokens']), never),
  )) as ExternalError;
}

const short = '2026-11-20T11:58:00Z/2026-11-20T12:00:00Z';
const tooMany = (asked: Asked) =>
  Array.from({ length: 10_000 }, (_, i) =>
    seriesJson(
      { ...input, ModelDeploymentName: `d${i}` },
      minutePoints(windowAsked(asked), () => i).slice(0, 1),
    ),
  );
const both = (asked: Asked) =>
  [metricJson('InputTokens', []), metricJson('OutputTokens', [])].map((metric) => ({
    ...metric,
    type: asked.path,
  }));

const wrong: readonly [string, (asked: Asked) => Scripted, ExternalError['reason'], RegExp][] = [
  [
    'a throttled metric in a 200',
    (asked) => ({
      body: metricsJson(asked, [
        metricJson('InputTokens', []),
        metricJson('OutputTokens', [], { errorCode: 'Throttled', errorMessage: 'ServerBusy' }),
      ]),
    }),
    'throttled',
    /OutputTokens: Throttled: ServerBusy/,
  ],
  [
    'a 529 with a metrics result for a body',
    (asked) => ({
      status: 529,
      body: metricsJson(asked, [
        { errorCode: 'Throttled', errorMessage: 'Query was throttled with reason: ServerBusy.' },
      ]),
    }),
    'throttled',
    /529 Throttled: Query was throttled with reason: ServerBusy/,
  ],
  [
    'as many series as were allowed',
    (asked) => ({
      body: metricsJson(asked, [
        metricJson('InputTokens', tooMany(asked)),
        metricJson('OutputTokens', []),
      ]),
    }),
    'bad_response',
    /InputTokens has 10000 series or more/,
  ],
  [
    'a shortened span',
    (asked) => ({ body: { ...metricsJson(asked, both(asked)), timespan: short } }),
    'bad_response',
    /covers 2026-11-20T11:58:00.000Z to .* where 2026-11-20T11:57:00.000Z/,
  ],
  [
    'a span as a duration',
    (asked) => ({ body: { ...metricsJson(asked, both(asked)), timespan: 'PT3M' } }),
    'bad_response',
    /covers no span/,
  ],
  [
    'no span',
    (asked) => ({ body: { ...metricsJson(asked, both(asked)), timespan: undefined } }),
    'bad_response',
    /metrics\/read of account aoai-1/,
  ],
  [
    'another grain',
    (asked) => ({ body: { ...metricsJson(asked, both(asked)), interval: 'PT5M' } }),
    'bad_response',
    /grain is PT5M/,
  ],
  [
    'a metric left out',
    (asked) => ({ body: metricsJson(asked, both(asked).slice(0, 1)) }),
    'bad_response',
    /OutputTokens was asked and is not in it/,
  ],
  [
    'a metric without its series',
    (asked) => ({
      body: metricsJson(
        asked,
        both(asked).map((metric) => ({ ...metric, timeseries: undefined })),
      ),
    }),
    'bad_response',
    /metrics\/read of account aoai-1/,
  ],
  [
    'a series without its data',
    (asked) => ({
      body: metricsJson(asked, [
        metricJson('InputTokens', [{ metadatavalues: [] }]),
        metricJson('OutputTokens', []),
      ]),
    }),
    'bad_response',
    /a series of InputTokens without data/,
  ],
  [
    'values that are no numbers',
    (asked) => ({
      body: metricsJson(asked, [
        metricJson('InputTokens', [
          seriesJson(input, [{ timeStamp: '2026-11-20T11:58:00Z', total: 'many' }]),
        ]),
        metricJson('OutputTokens', []),
      ]),
    }),
    'bad_response',
    /no number/,
  ],
  ['an empty object', () => ({ body: {} }), 'bad_response', /metrics\/read/],
  ['an empty body', () => ({ body: '' }), 'bad_response', /metrics\/read/],
  [
    'a page of HTML',
    () => ({ headers: { 'content-type': 'text/html' }, body: '<html>' }),
    'bad_response',
    /metrics\/read/,
  ],
  [
    'JSON that is cut',
    (asked) => ({ body: JSON.stringify(metricsJson(asked, both(asked))).slice(0, -20) }),
    'bad_response',
    /JSON/,
  ],
  [
    'a connection that is cut',
    (asked) => ({ body: metricsJson(asked, both(asked)), trouble: 'cut' }),
    'bad_response',
    /aborted/,
  ],
  [
    '400 for dimensions, with a flat body',
    () => ({
      status: 400,
      body: {
        code: 'BadRequest',
        message:
          'Metric: InputTokens does not support requested dimension combination: modelname, supported ones are: Region',
      },
    }),
    'bad_response',
    /400 BadRequest: Metric: InputTokens does not support/,
  ],
  [
    '429 with Retry-After',
    () => ({
      status: 429,
      headers: { 'retry-after': '17' },
      body: { error: { code: 'ResourceRequestsThrottled', message: 'slow' } },
    }),
    'throttled',
    /429 ResourceRequestsThrottled: slow/,
  ],
  [
    '429 without',
    () => ({ status: 429, body: { error: { code: 'TooMany', message: 'slow' } } }),
    'throttled',
    /429 TooMany: slow/,
  ],
  [
    '403',
    () => ({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } }),
    'denied',
    /403 AuthorizationFailed: no/,
  ],
  [
    '401',
    () => ({ status: 401, body: { error: { code: 'InvalidToken', message: 'no' } } }),
    'denied',
    /401 InvalidToken/,
  ],
  [
    '404',
    () => ({ status: 404, body: { error: { code: 'ResourceNotFound', message: 'gone' } } }),
    'bad_response',
    /404/,
  ],
  ['500', () => ({ status: 500, body: 'oops' }), 'unreachable', /500/],
];

describe('an answer that is not whole is a throw, never no usage', () => {
  it.each(wrong)('%s', async (_name, script, reason, message) => {
    const failure = await failureOf(script);
    expect(failure.name).toBe('ExternalError');
    expect(failure.reason).toBe(reason);
    expect(failure.message).toMatch(message);
    expect(failure.operation).toBe('Microsoft.Insights/metrics/read');
  });

  it.each([
    ['a header', { headers: { 'retry-after': '17' } }, 17_000],
    ['milliseconds', { headers: { 'x-ms-retry-after-ms': '90' } }, 90],
    ['nothing', {}, undefined],
    [
      'words',
      { body: { error: { code: 'X', message: "Please try again after '309' seconds." } } },
      309_000,
    ],
  ])('a 429 asks at once and once, and hands on the wait told by %s', async (_name, how, wait) => {
    const { collector, server } = await sources.start(() => ({ status: 429, ...how }));
    const failure = await rejection(collector.collect(requestOf(['InputTokens']), never));
    expect(failure).toMatchObject({ reason: 'throttled', retryAfterMs: wait });
    expect(server.asked).toHaveLength(1);
  });

  it('a server that never answers is a timeout', async () => {
    const failure = await failureOf(() => ({ trouble: 'hang' }), { timeoutMs: 50 });
    expect(failure).toMatchObject({ reason: 'timeout', retryable: true });
  });

  it('a call stopped from outside ends though the server never answers', async () => {
    const stop = new AbortController();
    const { collector } = await sources.start(() => {
      stop.abort();
      return { trouble: 'hang' };
    });
    const failure = await rejection(collector.collect(requestOf(['InputTokens']), stop.signal));
    expect(failure).toMatchObject({ reason: 'timeout' });
  });

  it('a server that is not there is unreachable', async () => {
    const { collector, server } = await sources.start(() => ({}));
    await server.close();
    const failure = await rejection(collector.collect(requestOf(['InputTokens']), never));
    expect(failure).toMatchObject({ reason: 'unreachable' });
  });

  it('no message carries the token, whatever the server says', async () => {
    const failure = await failureOf(({ authorization }) => ({
      status: 400,
      body: { code: 'Bad', message: `you said ${authorization}` },
    }));
    expect(failure.message).toContain('Bearer ***');
    expect(`${failure.stack} ${JSON.stringify(failure)}`).not.toContain(secretToken);
    expect(failure.cause).toBeUndefined();
  });
});
