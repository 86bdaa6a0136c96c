import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { FailureReason } from '../../../agent/core/errors.ts';
import { toAwsError } from '../../../collectors/aws/errors.ts';
import { now } from './fake-aws.ts';

const role = 'arn:aws:iam::111122223333:role/crossbill';
const context = { operation: 'cloudwatch:GetMetricData', region: 'eu-central-1', principal: role };

interface Shape {
  readonly name?: string;
  readonly code?: string;
  readonly status?: number;
  readonly response?: number;
  readonly message?: string;
}

function thrown({ name = 'Error', code, status, response, message = 'words' }: Shape): Error {
  return Object.assign(new Error(message), {
    name,
    ...(code === undefined ? {} : { code }),
    $metadata: status === undefined ? {} : { httpStatusCode: status },
    ...(response === undefined ? {} : { $response: { statusCode: response, headers: {} } }),
  });
}

describe('toAwsError tells why', () => {
  it.each<[Shape, FailureReason]>([
    [{ name: 'Throttling', status: 400 }, 'throttled'],
    [{ name: 'ThrottlingException', status: 400 }, 'throttled'],
    [{ name: 'ThrottledException', status: 400 }, 'throttled'],
    [{ name: 'RequestLimitExceeded', status: 503 }, 'throttled'],
    [{ name: 'TooManyRequestsException', status: 429 }, 'throttled'],
    [{ name: 'UnknownError', status: 429 }, 'throttled'],
    [{ name: 'SyntaxError', response: 429 }, 'throttled'],
    [{ name: 'AccessDenied', status: 403 }, 'denied'],
    [{ name: 'AccessDeniedException', status: 403 }, 'denied'],
    [{ name: 'UnknownError', status: 403 }, 'denied'],
    [{ name: 'UnknownError', status: 401 }, 'denied'],
    [{ name: 'ExpiredToken', status: 403 }, 'denied'],
    [{ name: 'ExpiredTokenException', status: 403 }, 'denied'],
    [{ name: 'InvalidClientTokenId', status: 403 }, 'denied'],
    [{ name: 'UnrecognizedClientException', status: 403 }, 'denied'],
    [{ name: 'SignatureDoesNotMatch', status: 403 }, 'denied'],
    [{ name: 'InvalidSignatureException', status: 403 }, 'denied'],
    [{ name: 'MissingAuthenticationTokenException', status: 403 }, 'denied'],
    [{ name: 'OptInRequired', status: 403 }, 'denied'],
    [{ name: 'CredentialsProviderError' }, 'denied'],
    [{ name: 'TokenProviderError' }, 'denied'],
    [{ name: 'ServiceUnavailable', status: 503 }, 'unreachable'],
    [{ name: 'ServiceUnavailableException', status: 503 }, 'unreachable'],
    [{ name: 'SyntaxError', response: 502 }, 'unreachable'],
    [{ code: 'ECONNREFUSED' }, 'unreachable'],
    [{ code: 'ENOTFOUND' }, 'unreachable'],
    [{ code: 'EAI_AGAIN' }, 'unreachable'],
    [{ code: 'EHOSTUNREACH' }, 'unreachable'],
    [{ code: 'EPIPE', name: 'TimeoutError' }, 'unreachable'],
    [{ code: 'ECONNRESET', name: 'TimeoutError', message: 'socket hang up' }, 'unreachable'],
    [{ name: 'TimeoutError', message: 'socket hang up' }, 'unreachable'],
    [{ code: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' }, 'unreachable'],
    [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'unreachable'],
    [{ code: 'UND_ERR_SOCKET', message: 'other side closed' }, 'unreachable'],
    [{ name: 'TimeoutError' }, 'timeout'],
    [{ name: 'AbortError' }, 'timeout'],
    [{ name: 'RequestTimeoutException', status: 408 }, 'timeout'],
    [{ code: 'ETIMEDOUT', name: 'TimeoutError' }, 'timeout'],
    [{ name: 'InternalServiceFault', status: 500 }, 'bad_response'],
    [{ name: 'InternalServerException', status: 500 }, 'bad_response'],
    [{ name: 'SyntaxError', response: 200 }, 'bad_response'],
    [{ name: 'SyntaxError', response: 403 }, 'bad_response'],
    [{ name: 'TypeError', message: 'Expected real number, got implicit NaN' }, 'bad_response'],
    [{ name: 'InvalidParameterValue', status: 400 }, 'bad_response'],
    [{ name: 'constructor' }, 'bad_response'],
  ])('%j is %s', (shape, reason) => {
    const error = toAwsError(thrown(shape), context, now);
    expect(error.reason).toBe(reason);
    expect(error.retryable).toBe(reason !== 'denied');
    expect(error.operation).toBe('cloudwatch:GetMetricData');
    expect(error.message).toMatch(/^cloudwatch:GetMetricData in eu-central-1 as arn:/);
    expect(error.hint).not.toBe('');
  });

  it('looks into several failed addresses, and into what a fetch failed of', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ECONNREFUSED',
    });
    const fetchFailed = new TypeError('fetch failed', { cause: new AggregateError([refused]) });
    const error = toAwsError(fetchFailed, context, now);
    expect(error.reason).toBe('unreachable');
    expect(error.message).toMatch(/ECONNREFUSED: connect ECONNREFUSED 127\.0\.0\.1:1$/);
  });

  it('takes any value, and an ExternalError as it is', () => {
    expect(toAwsError('broken', context, now)).toMatchObject({ reason: 'bad_response' });
    expect(toAwsError(undefined, context, now).message).toMatch(/undefined$/);
    const already = toAwsError('broken', context, now);
    expect(toAwsError(already, { ...context, operation: 'x' }, now)).toBe(already);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(toAwsError(value, context, now)).toBeInstanceOf(ExternalError);
      }),
    );
  });
});

const hintOf = (shape: Shape, more = {}) =>
  toAwsError(thrown(shape), { ...context, ...more }, now).hint;

describe('toAwsError says what to do', () => {
  it('names the action and the role that lacks it', () => {
    expect(hintOf({ name: 'AccessDenied' })).toBe(
      `${role} lacks cloudwatch:GetMetricData: add it to that role's or user's policy.`,
    );
  });

  it('takes identity and action from AWS where it names them', () => {
    const message =
      'User: arn:aws:sts::111122223333:assumed-role/crossbill/s is not authorized to perform: cloudwatch:ListMetrics because no identity-based policy allows the cloudwatch:ListMetrics action';
    expect(hintOf({ name: 'AccessDeniedException', message })).toMatch(
      /^arn:aws:sts::111122223333:assumed-role\/crossbill\/s lacks cloudwatch:ListMetrics:/,
    );
  });

  it('sends for the deny where one outweighs every allow', () => {
    const message =
      'User: arn:aws:iam::1:role/r is not authorized to perform: cloudwatch:ListMetrics with an explicit deny in a service control policy';
    expect(hintOf({ name: 'AccessDenied', message })).toMatch(/no allow outweighs.*eu-central-1/);
  });

  it('names both sides of a role that cannot be assumed', () => {
    const hint = hintOf({ name: 'AccessDenied' }, { operation: 'sts:AssumeRole' });
    expect(hint).toMatch(/lacks sts:AssumeRole on arn:aws:iam::111122223333:role\/crossbill/);
    expect(hint).toMatch(/trust policy.*external id/);
  });

  it.each([
    ['ExpiredTokenException', /have expired/],
    ['UnrecognizedClientException', /not enabled there: enable it, or list the regions/],
    ['InvalidClientTokenId', /AWS does not know the credentials/],
    ['SignatureDoesNotMatch', /clock is off/],
    ['CredentialsProviderError', /No usable AWS credentials/],
    ['OptInRequired', /not signed up/],
    ['Throttling', /poll less often/],
  ])('%s: its own advice', (name, hint) => {
    expect(hintOf({ name })).toMatch(hint);
  });
});

const waitOf = (headers: Readonly<Record<string, string>>) => {
  const error = Object.assign(thrown({ name: 'Throttling' }), { $response: { headers } });
  return toAwsError(error, context, now).retryAfterMs;
};

describe('how long AWS asks to wait', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['part of a second, rounded up', { 'retry-after': '0.0005' }, 1],
    ['any case of the header', { 'Retry-After': '2' }, 2_000],
    ['a date', { 'retry-after': new Date(now + 90_000).toUTCString() }, 90_000],
    ['a date gone by', { 'retry-after': new Date(now - 90_000).toUTCString() }, 0],
    ['words', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])('is read from %s', (_what, headers, expected) => {
    expect(waitOf(headers)).toBe(expected);
  });
});

describe('a message never carries a secret', () => {
  const token = 'FwoGZXIvYXdzEBYaDHqa0AP1Zsample/SESSION+token0123456789abcdefghij==';
  const key = 'ASIAIOSFODNN7EXAMPLE';
  const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY01';

  it('from a refused signature, which repeats the whole request', () => {
    const message = `The request signature we calculated does not match.\n\nThe Canonical String should have been\n'POST\nx-amz-security-token:${token}\n'`;
    const error = toAwsError(thrown({ name: 'SignatureDoesNotMatch', message }), context, now);
    expect(error.message).toMatch(/does not match\.$/);
    expect(error.message).not.toContain(token);
  });

  it.each([
    ['a session token on the first line', `bad x-amz-security-token:${token}`],
    ['a key id', `The key ${key} is not known`],
    ['a secret key', `credential: ${secret}`],
    ['a secret key alone', `it was ${secret} that failed`],
    ['an external id that AWS repeats', `1 validation error: Value 'ext id!' at 'externalId'`],
    ['an external id in other words', 'no match for ext id! in the policy'],
  ])('be it %s', (_what, message) => {
    const error = toAwsError(thrown({ message }), { ...context, secrets: ['ext id!'] }, now);
    for (const hidden of [token, key, secret, 'ext id!']) {
      expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain(hidden);
    }
  });

  it('wherever in a message it stands', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.constantFrom(token, key),
        (before, after, hidden) => {
          const message = `${before} ${hidden} ${after}`;
          expect(toAwsError(thrown({ message }), context, now).message).not.toContain(hidden);
        },
      ),
    );
  });

  it('nor does the error keep what was thrown', () => {
    expect(toAwsError(thrown({ message: token }), context, now).cause).toBeUndefined();
  });

  it('and the roles and models in it stay readable', () => {
    const message = `User: ${role} is not authorized to perform: cloudwatch:GetMetricData on resource: *`;
    expect(toAwsError(thrown({ name: 'AccessDenied', message }), context, now).message).toContain(
      message,
    );
  });
});
