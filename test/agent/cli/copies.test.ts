import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sizeText } from '../../../agent/cli/copies.ts';
import { dayMs, secondMs } from '../../../agent/core/time.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { cliProcess, configFile } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { day0 } from '../../support/ledger-world.ts';

const interpretation = createInterpretation(new Map(), {
  openaiInputIncludesCached: true,
  bedrockInvocations: 'accepted',
});

function world() {
  const config = configFile(
    "ledger: sqlite:./ledger.db\nsources: [{ name: own, type: aws, regions: [us-east-1], endpoint: 'http://127.0.0.1:9' }]",
  );
  const path = join(dirname(config), 'ledger.db');
  const clock = createFakeClock(day0 + dayMs);
  return { config, path, clock, process: () => cliProcess({ clock }) };
}

test('backup says the size, refuses what is there, and restore says where the old one is', async () => {
  const { config, path, process } = world();
  openLedger(path, interpretation, day0).close();
  mkdirSync(`${path}.copies`);
  const file = join(`${path}.copies`, 'one.db');
  const first = process();
  expect(await first.run('backup', file, '--config', config)).toBe(0);
  expect(first.out.text()).toMatch(/one\.db: \d+\.\d kB, checked\n$/);
  const second = process();
  expect(await second.run('backup', file, '--config', config)).toBe(1);
  expect(second.err.text()).toMatch(/is there already.*--force/);
  expect(await process().run('backup', file, '--force', '--config', config)).toBe(0);
  const third = process();
  expect(await third.run('restore', file, '--config', config)).toBe(0);
  expect(third.out.text()).toMatch(/ledger\.db: restored from .*one\.db/);
  expect(third.out.text()).toMatch(/before-restore-20261111T000000Z: the ledger that was there/);
});

test('restore and backfill refuse at once while another process writes', async () => {
  const { config, path, process } = world();
  const writer = openLedger(path, interpretation, day0);
  const file = `${path}.copy`;
  expect(await process().run('backup', file, '--config', config), 'backup runs beside it').toBe(0);
  for (const verb of [
    ['restore', file],
    ['backfill', '--from', '-1d'],
  ] as const) {
    const refused = process();
    expect(await refused.run(...verb, '--config', config), verb[0]).toBe(1);
    expect(refused.err.text(), verb[0]).toMatch(/held by another Crossbill/);
  }
  writer.close();
});

test('run waits for the other writer, says so once and for which file, then goes on by itself', async () => {
  const { config, path, clock, process } = world();
  const writer = openLedger(path, interpretation, day0);
  const agent = process();
  const ended = agent.run('run', '--config', config);
  await clock.advance(30 * secondMs);
  const told = agent.log.lines.filter(({ message }) => message.startsWith('waiting'));
  expect(told).toMatchObject([{ level: 'warn', fields: { ledger: path } }]);
  expect(agent.served).toEqual([]);
  writer.close();
  await clock.advance(2 * secondMs);
  expect(agent.served).toHaveLength(1);
  agent.stop.abort();
  await clock.advance(secondMs);
  expect(await ended).toBe(0);
  openLedger(path, interpretation, day0).close();
});

test('Ctrl-C while it waits ends it well', async () => {
  const { config, path, clock, process } = world();
  const writer = openLedger(path, interpretation, day0);
  const agent = process();
  const ended = agent.run('run', '--config', config);
  await clock.advance(3 * secondMs);
  agent.stop.abort();
  expect(await ended).toBe(0);
  expect(agent.served).toEqual([]);
  writer.close();
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [4_096, '4.1 kB'],
  [4_200_000, '4.2 MB'],
  [12_000_000_000, '12.0 GB'],
])('%i is %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
