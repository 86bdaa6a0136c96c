import { expect, it } from 'vitest';
import { hourMs } from '../../../agent/core/time.ts';
import { capacitySaid } from '../../../agent/query/explain-capacity.ts';
import { apiNow, withCapacity } from '../../support/api-world.ts';
import { identityRow, memoryReader } from '../../support/memory-reader.ts';
import type { MemoryLedger } from '../../support/memory-reader.ts';

const hour = { start: apiNow - hourMs, end: apiNow };
const users = withCapacity.identities.filter(({ tier }) => tier === 'provisioned');

async function said(identity = users[0] ?? identityRow({ id: 9 }), ledger = withCapacity) {
  return capacitySaid(memoryReader(ledger), identity, hour);
}

it('says how much capacity there was, what it came to, whose share of it is, and what stood idle', async () => {
  expect(await said()).toBe(
    "Its deployment's capacity, 10 unit-hours, came to 10.000000000 USD at list price: " +
      '2.500000000 is its share by the tokens of the hour, 7.500000000 stood idle.',
  );
});

it('says where no meter tells what stood idle', async () => {
  const whole = withCapacity.capacity?.find(({ whole: all }) => all !== undefined);
  const unmetered: MemoryLedger = {
    ...withCapacity,
    capacity: (withCapacity.capacity ?? []).map((row) => ({
      ...row,
      cost: row === whole ? null : 10_000_000_000n,
    })),
  };
  expect(await said(users[0], unmetered)).toContain(
    '10.000000000 is its share by the tokens of the hour, no meter tells what stood idle.',
  );
});

it('says nothing of what is paid by the token, and of capacity that was not charged', async () => {
  expect(await said(withCapacity.identities[0])).toBeUndefined();
  expect(await said(users[0], { ...withCapacity, capacities: [] })).toBeUndefined();
  const [user = identityRow({ id: 9 })] = users;
  expect(await said({ ...user, deployment: 'another' })).toBeUndefined();
});
