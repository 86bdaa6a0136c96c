import { describe, expect, it } from 'vitest';
import { ExternalError, toExternalError } from '../../../agent/core/errors.ts';
import type { FailureReason } from '../../../agent/core/errors.ts';

describe('ExternalError', () => {
  const cases: readonly [FailureReason, boolean][] = [
    ['unreachable', true],
    ['timeout', true],
    ['throttled', true],
    ['bad_response', true],
    ['denied', false],
    ['conflict', false],
  ];
  it.each(cases)('of %s may pass by itself: %s', (reason, retryable) => {
    const error = new ExternalError('no', { reason, operation: 'x:Get', hint: 'Wait.' });
    expect(error.retryable).toBe(retryable);
  });

  it('carries what failed, why, what to do, how long to wait, and its cause', () => {
    const cause = new Error('socket');
    const error = new ExternalError(
      'throttled',
      { reason: 'throttled', operation: 'x:Get', hint: 'Wait.', retryAfterMs: 1_500 },
      { cause },
    );
    expect(error).toMatchObject({
      name: 'ExternalError',
      message: 'throttled',
      operation: 'x:Get',
      hint: 'Wait.',
      retryAfterMs: 1_500,
      cause,
    });
  });
});

describe('toExternalError', () => {
  it('gives an ExternalError back as it is', () => {
    const error = new ExternalError('no', { reason: 'denied', operation: 'x:Get', hint: 'Ask.' });
    expect(toExternalError(error, 'collect')).toBe(error);
  });

  it.each([
    ['an Error keeps its message', new TypeError('x is not a function'), 'x is not a function'],
    ['a text is the message', 'out of luck', 'out of luck'],
    ['nothing at all is still an error', undefined, 'undefined'],
  ])('%s, as a bad response of the operation', (_what, thrown, message) => {
    const error = toExternalError(thrown, 'collect');
    expect(error).toBeInstanceOf(ExternalError);
    expect(error).toMatchObject({ reason: 'bad_response', operation: 'collect', message });
    expect(error.cause).toBe(thrown);
    expect(error.hint).not.toBe('');
  });
});
