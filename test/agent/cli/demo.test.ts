import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Platform } from '../../../agent/cli/platform.ts';
import type { Clock } from '../../../agent/core/time.ts';
import { dayMs, floorTo, isoUtc } from '../../../agent/core/time.ts';
import { cliProcess, eventually } from '../../support/cli-world.ts';
import type { CliProcess } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback, 15 days of history.
vi.setConfig({ testTimeout: 120_000 });

/** A weekday noon to the second: the last minute before it cannot be read yet, and nobody waits for it. */
const noon = Date.UTC(2026, 10, 18, 12);

async function world(instead: Partial<Platform> = {}) {
  const clock = createFakeClock(noon);
  /** Between two looks at how much is filled; the demo's own world stands still meanwhile. */
  const wall: Clock = {
    now: () => clock.now(),
    sleep: () => new Promise((resolve) => void setTimeout(resolve, 20)),
  };
  const clouds = await startSmallClouds(() => clock.now(), undefined, ['azure']);
  const stopped: string[] = [];
  const process = cliProcess({
    clock,
    instead: {
      createClock: (speed) => (speed === undefined ? wall : clock),
      startClouds: async () => ({ ...clouds, stop: async () => void stopped.push('clouds') }),
      ...instead,
    },
  });
  return { clock, clouds, process, stopped, status: process.run('demo', '--speed', '30') };
}

function lineOf(process: CliProcess, word: string): string {
  const [, text = ''] =
    new RegExp(`^DEMO {2}${word} +(\\S.*)$`, 'm').exec(process.out.text()) ?? [];
  return text;
}

const configOf = (process: CliProcess) => lineOf(process, 'Report').split(' ').at(-1) ?? '';

it('says where everything is; once it is ready, API and truth say the same at the addresses it printed', async () => {
  const { process, status, stopped } = await world();
  await eventually(() => process.served.length > 0 && lineOf(process, 'Report') !== '');
  expect(lineOf(process, 'Report')).toMatch(/^crossbill report --config \S+crossbill\.yaml$/);
  await eventually(() => process.out.text().includes('DEMO  ready: 15 days filled in '), 90_000);
  expect(process.err.text()).toMatch(/DEMO .*: 100 % \(336 of 336\)\n$/);
  const [listener] = process.served;
  const response = await listener?.fetch(new Request(lineOf(process, 'API')));
  expect(response?.status).toBe(200);
  expect(response?.headers.get('crossbill-demo')).toBe('true');
  const told = (await response?.json()) as readonly Readonly<Record<string, unknown>>[];
  const truth = (await (await fetch(lineOf(process, 'Truth'))).json()) as readonly object[];
  expect(truth).toMatchObject([{ time: isoUtc(floorTo(noon, dayMs) - 7 * dayMs), cloud: 'azure' }]);
  expect(told).toMatchObject(truth);

  const config = configOf(process);
  expect(existsSync(config)).toBe(true);
  process.stop.abort();
  expect(await status).toBe(0);
  expect(existsSync(dirname(config))).toBe(false);
  expect(stopped).toEqual(['clouds']);
  expect([...process.open]).toEqual([]);
});

it('begins every line with DEMO, so that nobody takes it for their own usage', async () => {
  const { process, status } = await world();
  await eventually(() => lineOf(process, 'Report') !== '');
  process.stop.abort();
  await status;
  const lines = `${process.out.text()}${process.err.text()}`
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.filter((line) => !line.startsWith('DEMO  '))).toEqual([]);
});

it('stops at Ctrl-C while it fills, within a second, and does not claim to be ready', async () => {
  const { process, status, stopped } = await world();
  await eventually(() => lineOf(process, 'Report') !== '');
  const from = performance.now();
  process.stop.abort();
  expect(await status).toBe(0);
  expect(performance.now() - from).toBeLessThan(1_000);
  expect(process.out.text()).not.toContain('ready');
  expect(existsSync(dirname(configOf(process)))).toBe(false);
  expect(stopped).toEqual(['clouds']);
});

it('ends clouds and ledger when it cannot listen', async () => {
  let config = '';
  const { process, status, stopped } = await world({
    openLedger: async (path) => {
      config = path;
      throw new Error('no room');
    },
  });
  expect(await status).toBe(1);
  expect(process.err.text()).toBe('no room\n');
  expect(config).not.toBe('');
  expect(existsSync(dirname(config))).toBe(false);
  expect(stopped).toEqual(['clouds']);
});
