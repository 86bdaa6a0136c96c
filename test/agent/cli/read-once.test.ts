import { expect, it } from 'vitest';
import { readOnce } from '../../../agent/cli/read-once.ts';
import type { UsageReader } from '../../../agent/core/store.ts';

/** A ledger that is told apart by when it is asked, and fails until it is told not to. */
function changingReader() {
  let version = 0;
  let isBroken = false;
  const next = async () => {
    if (isBroken) throw new Error('the disk is busy');
    return (version += 1);
  };
  const reader: UsageReader = {
    identities: async () => (await next(), []),
    capacities: async () => (await next(), []),
    calibrations: async () => (await next(), []),
    capacityCosts: async () => (await next(), []),
    capacityUse: async () => (await next(), []),
    coverageByTraffic: async () => (await next(), new Map()),
    amounts: async () => (await next(), []),
    sums: async () => (await next(), []),
    latency: async () => (await next(), []),
    readUntil: next,
  };
  return { reader, breakIt: (broken: boolean) => (isBroken = broken) };
}

it('what every question starts from is the same for all of them, and new to the next look', async () => {
  const { reader } = changingReader();
  const look = readOnce(reader);
  expect(await look.readUntil()).toBe(1);
  await look.coverageByTraffic(60);
  expect(await look.readUntil()).toBe(1);
  expect(await look.coverageByTraffic(60)).toBe(await look.coverageByTraffic(60));
  expect(await look.coverageByTraffic(60)).not.toBe(await look.coverageByTraffic(3_600));
  expect(await readOnce(reader).readUntil()).toBeGreaterThan(1);
});

it('what failed is asked for again', async () => {
  const { reader, breakIt } = changingReader();
  const look = readOnce(reader);
  breakIt(true);
  await expect(look.readUntil()).rejects.toThrow('the disk is busy');
  breakIt(false);
  expect(await look.readUntil()).toBe(1);
});
