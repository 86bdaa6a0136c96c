import { expect, it } from 'vitest';
import { parseNetwork } from '../../../agent/config/addresses.ts';

it.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['192.0.2.7', '192.0.2.7/32'],
  ['fd00::/8', 'fd00::/8'],
  ['2001:DB8::1', '2001:db8::1/128'],
  ['0.0.0.0/0', undefined],
  ['::/0', undefined],
  ['10.0.0.0/33', undefined],
  ['fd00::/129', undefined],
  ['10.0.0.0/', undefined],
  ['10.0.0.0/8/8', undefined],
  ['10.0.0.0/-1', undefined],
  ['10.0.0/8', undefined],
  ['proxy.example.com', undefined],
  ['fe80::1%eth0', undefined],
  ['', undefined],
])('%j is the network %s', (text, network) => {
  expect(parseNetwork(text)).toBe(network);
});
