import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretsIn, standardHeaders } from '../../../exporters/webhook/sign.ts';

const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampSeconds: 1_614_265_330 };

test('the example of the standard comes out as it says', () => {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/index.test.ts
  const body = '{"test": 2432232314}';
  const headers = standardHeaders({ ...signed, body }, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  expect(headers).toEqual({
    'webhook-id': signed.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a text without whsec_ is the key itself', () => {
  const body = '{}';
  const mac = createHmac('sha256', 'plain').update(`${signed.id}.1614265330.{}`).digest('base64');
  expect(standardHeaders({ ...signed, body }, 'plain')['webhook-signature']).toBe(`v1,${mac}`);
});

test.each([
  [undefined, 0],
  ['', 0],
  ['one', 1],
  ['one two', 2],
  ['one,two', 2],
  [' one,\n two ', 2],
])('%j makes %i signatures', (secrets, count) => {
  const { 'webhook-signature': signature = '' } = standardHeaders({ ...signed, body: '' }, secrets);
  expect(signature.split(' ').filter((one) => one !== '')).toHaveLength(count);
});

test('with several secrets each signature stands beside the others as it would alone', () => {
  const secret = fc.stringMatching(/^[\w+/=-]{1,40}$/);
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.string(), (all, body) => {
      const together = standardHeaders({ ...signed, body }, all.join(', '))['webhook-signature'];
      const alone = all.map(
        (one) => standardHeaders({ ...signed, body }, one)['webhook-signature'],
      );
      expect(together).toBe(alone.join(' '));
      expect(secretsIn(all.join(' '))).toEqual(all);
    }),
  );
});
