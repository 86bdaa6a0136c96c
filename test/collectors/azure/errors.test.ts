import { RestError } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import type { ExternalError } from '../../../agent/core/errors.ts';
import { azureError, contradictsDefinitions } from '../../../collectors/azure/errors.ts';

const attempt = {
  operation: 'Microsoft.Insights/metrics/read',
  subject: 'account aoai-1',
  role: 'Monitoring Reader on account aoai-1',
};
const context = {
  now: 0,
  redact: (text: string) => text.replaceAll('hunter2', '***'),
  credentialHint: 'Set AZURE_CLIENT_ID.',
};

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

const thrown: readonly [string, unknown, ExternalError['reason'], RegExp, RegExp][] = [
  ['401', new RestError('x', { statusCode: 401 }), 'denied', /401: x/, /token was refused/],
  [
    '403',
    new RestError('no', { statusCode: 403, code: 'AuthorizationFailed' }),
    'denied',
    /read of account aoai-1: 403 AuthorizationFailed: no/,
    /^Grant Monitoring Reader on account aoai-1\.$/,
  ],
  [
    '403 for a provider that is not registered',
    new RestError('The subscription is not registered to use microsoft.insights', {
      statusCode: 403,
    }),
    'denied',
    /not registered/,
    /az provider register/,
  ],
  ['404', new RestError('gone', { statusCode: 404 }), 'bad_response', /gone/, /deleted or moved/],
  ['408', new RestError('slow', { statusCode: 408 }), 'timeout', /slow/, /asked again/],
  ['409', new RestError('both', { statusCode: 409 }), 'conflict', /both/, /resolve/],
  ['429', new RestError('busy', { statusCode: 429 }), 'throttled', /busy/, /slow down/],
  ['500', new RestError('oops', { statusCode: 500 }), 'unreachable', /oops/, /fault/],
  ['503', new RestError('busy', { statusCode: 503 }), 'throttled', /busy/, /slow down/],
  ['529', new RestError('busy', { statusCode: 529 }), 'throttled', /busy/, /slow down/],
  ['400', new RestError('bad', { statusCode: 400 }), 'bad_response', /bad/, /refused/],
  [
    'a refused connection',
    new RestError('connect', { code: 'ECONNREFUSED' }),
    'unreachable',
    /ECONNREFUSED: connect/,
    /DNS/,
  ],
  [
    'a name that does not resolve',
    new RestError('getaddrinfo', { code: 'ENOTFOUND' }),
    'unreachable',
    /ENOTFOUND/,
    /DNS/,
  ],
  [
    'a cut answer',
    new RestError('Unexpected end', { code: 'PARSE_ERROR', statusCode: 200 }),
    'bad_response',
    /PARSE_ERROR/,
    /cut or is not JSON/,
  ],
  ['an abort', named('AbortError', 'x'), 'timeout', /no answer in time/, /asked again/],
  ['a timeout', named('TimeoutError', 'x'), 'timeout', /no answer in time/, /asked again/],
  [
    'no credential',
    named('CredentialUnavailableError', 'none found'),
    'denied',
    /no token: none found/,
    /AZURE_CLIENT_ID/,
  ],
  [
    'a refused sign-in',
    named('AuthenticationError', 'AADSTS7000215'),
    'denied',
    /AADSTS7000215/,
    /AZURE_CLIENT_ID/,
  ],
  [
    'a sign-in service that cannot be reached',
    named('AuthenticationRequiredError', 'network_error: getaddrinfo ENOTFOUND login'),
    'unreachable',
    /no token/,
    /sign-in service/,
  ],
  ['a converter’s crash', new TypeError('reading map'), 'bad_response', /reading map/, /lacks/],
  ['a thrown text', 'odd', 'bad_response', /odd/, /lacks/],
];

describe('what Azure and its SDK throw', () => {
  it.each(thrown)('%s', (_name, error, reason, message, hint) => {
    const failure = azureError(error, attempt, context);
    expect(failure.reason).toBe(reason);
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(hint);
    expect(failure.operation).toBe(attempt.operation);
  });

  it('leaves an ExternalError as it is', () => {
    const failure = azureError('x', attempt, context);
    expect(azureError(failure, attempt, context)).toBe(failure);
  });

  it('drops the cause, takes secrets out, and shortens a message that carries a whole body', () => {
    const body = `password hunter2 ${'x'.repeat(5_000)}`;
    const failure = azureError(new RestError(body, { statusCode: 400 }), attempt, context);
    expect(failure.cause).toBeUndefined();
    expect(failure.message).not.toContain('hunter2');
    expect(failure.message.length).toBeLessThan(600);
  });

  it.each([
    ['Metric: X does not support requested dimension combination: a, supported ones are: b', true],
    ['Failed to find metric configuration for provider: p', true],
    ['Commonly allowed time grains: 00:01:00', false],
  ])('%s: definitions contradicted: %s', (message, contradicted) => {
    const failure = azureError(new RestError(message, { statusCode: 400 }), attempt, context);
    expect(contradictsDefinitions(failure)).toBe(contradicted);
  });
});
