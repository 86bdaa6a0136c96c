import { expect, it } from 'vitest';
import { listed, listing, never, noProfiles, on, withAws } from './fake-aws.ts';

const input = listed('InputTokenCount', { ModelId: 'us.openai.gpt-6-sol' });

it.each([
  ['a page of HTML', { body: '<html>welcome</html>' }],
  ['404', { status: 404, body: 'no such service' }],
])(
  'the account is 000000000000 where a private endpoint answers STS with %s',
  async (_what, answer) => {
    const handlers = [on('GetCallerIdentity', () => answer), listing(input), noProfiles];
    const found = await withAws(handlers, ({ collector }) => collector.discover(never));
    expect(found.failures).toEqual([]);
    expect(found.targets.map(({ id }) => id)).toEqual(['prod/000000000000/us-east-1/AWS/Bedrock']);
  },
);
