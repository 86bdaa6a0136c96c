import { expect, it } from 'vitest';
import { toExternalError } from '../../../agent/core/errors.ts';
import {
  account,
  callerIdentity,
  listed,
  listing,
  never,
  noProfiles,
  on,
  withAws,
} from './fake-aws.ts';

const input = listed('InputTokenCount', { ModelId: 'us.openai.gpt-6-sol' });

it.each([
  ['a page of HTML', { body: '<html>welcome</html>' }],
  ['404', { status: 404, body: 'no such service' }],
  ['another place', { status: 302, headers: { location: '/login' }, body: '' }],
])(
  'the account is 000000000000 where a private endpoint answers STS with %s',
  async (_what, answer) => {
    const handlers = [on('GetCallerIdentity', () => answer), listing(input), noProfiles];
    const found = await withAws(handlers, ({ collector }) => collector.discover(never));
    expect(found.failures).toEqual([]);
    expect(found.targets.map(({ id }) => id)).toEqual(['prod/000000000000/us-east-1/AWS/Bedrock']);
  },
);

const sts = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

it.each([
  ['an empty body', { body: '' }],
  ['half of an answer', { body: `<GetCallerIdentityResponse ${sts}><GetCallerId` }],
  ['an answer without an account', { body: `<GetCallerIdentityResponse ${sts}/>` }],
  ['529', { status: 529, body: 'overloaded' }],
  ['500', { status: 500, body: '' }],
])(
  'an endpoint whose STS answers with %s is asked again: an account has one name',
  async (_what, answer) => {
    const handlers = [on('GetCallerIdentity', () => answer), listing(input), noProfiles];
    const failed = withAws(handlers, ({ collector }) => collector.discover(never));
    const error = await failed.then(
      () => undefined,
      (thrown: unknown) => toExternalError(thrown, ''),
    );
    expect(error?.operation).toBe('sts:GetCallerIdentity');
    expect(error?.retryable).toBe(true);
  },
);

it('STS that is busy says when to come again', async () => {
  const answer = {
    status: 429,
    headers: { 'retry-after': '90' },
    body: `<ErrorResponse ${sts}><Error><Code>Throttling</Code></Error></ErrorResponse>`,
  };
  const failed = withAws([on('GetCallerIdentity', () => answer)], ({ collector }) =>
    collector.discover(never),
  );
  await expect(failed).rejects.toMatchObject({ reason: 'throttled', retryAfterMs: 90_000 });
});

it('STS is not asked by `fetch`, which nothing else here needs and which stays in memory', async () => {
  const { fetch } = globalThis;
  globalThis.fetch = () => Promise.reject(new Error('asked by fetch'));
  try {
    const handlers = [listing(input), callerIdentity, noProfiles];
    const found = await withAws(handlers, ({ collector }) => collector.discover(never));
    expect(found.failures).toEqual([]);
    expect(found.targets.map((target) => target.account)).toEqual([account]);
  } finally {
    globalThis.fetch = fetch;
  }
});
