import fc from 'fast-check';
import { expect, test } from 'vitest';
import { originOf, redact } from '../../../exporters/webhook/redact.ts';

const url = 'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX?sig=abcdefgh12';

test.each([
  'no such hook /services/T00000000/B00000000/XXXXXXXXXXXX',
  'token XXXXXXXXXXXX is revoked',
  'bad sig abcdefgh12',
  `cannot reach ${url}`,
])('of "%s" the secret part is gone', (text) => {
  expect(redact(text, url, [])).not.toMatch(/XXXX|abcdefgh|T0000/);
});

test('the origin and the words of an answer stay', () => {
  expect(redact('hooks.slack.com says: invalid_payload', url, [])).toBe(
    'hooks.slack.com says: invalid_payload',
  );
  expect(originOf(url)).toBe('https://hooks.slack.com');
});

test('a secret is gone as it is, within JSON, and within an address', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z"\\ %=?&/é]{6,20}$/), (key) => {
      const text = `1${JSON.stringify({ 2: key })}3${encodeURIComponent(key)}4${key}`;
      expect(redact(text, url, [key])).toBe('1{"2":"***"}3***4***');
    }),
  );
});
