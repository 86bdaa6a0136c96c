import { describe, expect, it } from 'vitest';
import type { ScriptedReply, ScriptedRequest } from '../../support/scripted-server.ts';
import { failureOf, json, never, noon, on, refusal, sentData, unit, withAws } from './fake-aws.ts';
import { dataRequest, minute, results, silent } from './fake-data.ts';

describe('collect throws, and never says "no usage"', () => {
  const endless = { MetricDataResults: [], NextToken: 'again' };

  it.each<[string, ScriptedReply | ((incoming: ScriptedRequest) => ScriptedReply), string, RegExp]>(
    [
      ['an empty body with status 200', { body: '' }, 'bad_response', /the answer is empty/],
      ['an empty object', json({}), 'bad_response', /the answer is empty/],
      [
        'a page of HTML with status 200',
        { body: '<html>proxy</html>' },
        'bad_response',
        /SyntaxError/,
      ],
      [
        'no result for what was asked',
        json({ MetricDataResults: [] }),
        'bad_response',
        /no result for/,
      ],
      [
        'partial data without another page',
        (incoming) => json({ MetricDataResults: results(sentData(incoming), [], 'PartialData') }),
        'bad_response',
        /ended with PartialData/,
      ],
      [
        'partial data for ever, under the same token',
        (incoming) =>
          json({
            MetricDataResults: results(sentData(incoming), [], 'PartialData'),
            NextToken: 't',
          }),
        'bad_response',
        /same page token/,
      ],
      ['the same page for ever', json(endless), 'bad_response', /same page token/],
      [
        'a forbidden metric',
        (incoming) => json({ MetricDataResults: results(sentData(incoming), [], 'Forbidden') }),
        'denied',
        /Forbidden for Sum of InputTokenCount/,
      ],
      [
        'an internal error of one metric',
        (incoming) => json({ MetricDataResults: results(sentData(incoming), [], 'InternalError') }),
        'bad_response',
        /InternalError/,
      ],
      [
        'a note that metrics were left out',
        (incoming) =>
          json({
            MetricDataResults: results(sentData(incoming)),
            Messages: [{ Code: 'x', Value: 'Maximum number of allowed metrics exceeded' }],
          }),
        'bad_response',
        /may be cut/,
      ],
      [
        'times without their values',
        (incoming) =>
          json({
            MetricDataResults: results(sentData(incoming)).map((one) => ({
              ...one,
              Timestamps: [1],
            })),
          }),
        'bad_response',
        /1 times but 0 values/,
      ],
      [
        'times in words',
        (incoming) =>
          json({
            MetricDataResults: results(sentData(incoming)).map((one) => ({
              ...one,
              Timestamps: ['2026-11-23T11:59:00Z'],
              Values: [1],
            })),
          }),
        'bad_response',
        /TypeError/,
      ],
      [
        'a throttle named as Query does',
        refusal('ThrottlingException', 400, 'Rate exceeded', 'Throttling'),
        'throttled',
        /Throttling: Rate exceeded/,
      ],
      [
        'a throttle named as JSON does',
        refusal('ThrottlingException', 400, 'Rate exceeded'),
        'throttled',
        /Throttling: Rate exceeded/,
      ],
      [
        'a denial named as Query does',
        refusal('AccessDeniedException', 403, 'no', 'AccessDenied'),
        'denied',
        /AccessDenied: no/,
      ],
      [
        'a denial named as JSON does',
        refusal('AccessDeniedException', 403, 'no'),
        'denied',
        /AccessDenied: no/,
      ],
      [
        'credentials that have expired',
        refusal('ExpiredTokenException', 403, 'The security token is expired'),
        'denied',
        /ExpiredToken/,
      ],
      [
        'a fault of the service',
        refusal('InternalServiceFault', 500, ''),
        'bad_response',
        /Internal/,
      ],
      [
        'a service that is away',
        { status: 503, body: '<html>busy</html>' },
        'unreachable',
        /Syntax/,
      ],
      ['a connection cut off', 'reset', 'unreachable', /hang up|ECONNRESET/],
    ],
  )('on %s', async (_what, reply, reason, message) => {
    const handler = on('GetMetricData', (incoming) =>
      typeof reply === 'function' ? reply(incoming) : reply,
    );
    const failure = await withAws([handler], ({ collector }) =>
      failureOf(collector.collect(dataRequest(), never)),
    );
    expect(failure.message).toMatch(message);
    expect(failure).toMatchObject({ reason, operation: 'cloudwatch:GetMetricData' });
  });

  it('when one page of many fails', async () => {
    let calls = 0;
    const second = on('GetMetricData', (incoming) => {
      calls += 1;
      return calls === 2
        ? refusal('ThrottlingException', 400, 'Rate exceeded')
        : json({
            MetricDataResults: results(sentData(incoming), [[noon - minute, 1]], 'PartialData'),
            NextToken: `t${calls}`,
          });
    });
    const failure = await withAws([second], ({ collector }) =>
      failureOf(collector.collect(dataRequest(), never)),
    );
    expect(failure.reason).toBe('throttled');
  });

  it('when one call of many fails', async () => {
    const many = Array.from({ length: 900 }, (_, n) =>
      unit('aws.bedrock.output', 'OutputTokenCount', { ModelId: `m${n}` }),
    );
    const one = on('GetMetricData', (incoming) =>
      incoming.body.includes('"m899"')
        ? json({})
        : json({ MetricDataResults: results(sentData(incoming)) }),
    );
    const failure = await withAws([one], ({ collector }) =>
      failureOf(collector.collect(dataRequest({ units: many }), never)),
    );
    expect(failure.message).toMatch(/the answer is empty/);
  });

  it('on no answer within the timeout', async () => {
    const failure = await withAws(
      [on('GetMetricData', () => 'hang')],
      ({ collector }) => failureOf(collector.collect(dataRequest(), never)),
      { timeoutMs: 50 },
    );
    expect(failure).toMatchObject({ reason: 'timeout', operation: 'cloudwatch:GetMetricData' });
  });

  it('at once when its caller stops it', async () => {
    const stop = new AbortController();
    const hang = on('GetMetricData', () => {
      stop.abort();
      return 'hang';
    });
    const failure = await withAws([hang], ({ collector }) =>
      failureOf(collector.collect(dataRequest(), stop.signal)),
    );
    expect(failure.message).toMatch(/stopped before the answer came/);
  });

  it('without a call when it is stopped already', async () => {
    const calls = await withAws([silent], async ({ collector, server }) => {
      await failureOf(collector.collect(dataRequest(), AbortSignal.abort()));
      return server.requests.length;
    });
    expect(calls).toBe(0);
  });

  it('where nobody listens', async () => {
    const failure = await withAws([], async ({ collector, server }) => {
      await server.close();
      return failureOf(collector.collect(dataRequest(), never));
    });
    expect(failure.reason).toBe('unreachable');
    expect(failure.message).toMatch(/ECONNREFUSED/);
  });

  it('and is tried once, for the loop that calls backs off', async () => {
    const calls = await withAws(
      [on('GetMetricData', () => refusal('ThrottlingException', 400, 'Rate exceeded'))],
      async ({ collector, server }) => {
        await failureOf(collector.collect(dataRequest(), never));
        return server.requests.length;
      },
    );
    expect(calls).toBe(1);
  });

  it('with the wait that AWS asks for', async () => {
    const busy = on('GetMetricData', () => ({
      status: 503,
      headers: { 'retry-after': '11' },
      body: '{"__type":"ServiceUnavailableException"}',
    }));
    const failure = await withAws([busy], ({ collector }) =>
      failureOf(collector.collect(dataRequest(), never)),
    );
    expect(failure).toMatchObject({ reason: 'unreachable', retryAfterMs: 11_000 });
  });
});
