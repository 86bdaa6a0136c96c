import { expect, it } from 'vitest';
import { hourMs, minuteMs } from '../../../../agent/core/time.ts';
import { createFaultScript } from '../../../../collectors/emulator/faults/create.ts';
import { scenarioLanes } from '../../../../collectors/emulator/scenario.ts';
import { startClouds } from '../../../../collectors/emulator/server.ts';
import { loadTrace } from '../../../../collectors/emulator/trace.ts';
import { createTraffic } from '../../../../collectors/emulator/traffic.ts';
import { truth } from '../../../../collectors/emulator/truth.ts';

const noon = Date.UTC(2026, 10, 18, 12);
const traffic = createTraffic(scenarioLanes.slice(0, 3), loadTrace());
const told = { from: noon - 21 * hourMs, to: noon - 19 * hourMs };

function outputs(of: typeof traffic): readonly number[] {
  return truth(of, { ...told, step: '1m', groupBy: [] }).map((row) => row.output_tokens);
}

it('restates minutes of the hour about 20 hours ago: some rise, some fall, some come late, all others stay', () => {
  const time = { now: noon - minuteMs };
  const now = () => time.now;
  const script = { cloud: 'aws', now, from: noon, to: noon } as const;
  const faults = createFaultScript('restated yesterday', script);
  const editionAt = (at: number) => faults.edition?.(traffic, at) ?? traffic;
  const before = outputs(editionAt(noon - 1));
  const after = outputs(editionAt(noon));
  const changes = before.map((was, minute) => {
    const is = after[minute] ?? 0;
    if (is === was) return 'stays';
    if (was === 0) return 'late';
    return is > was ? 'higher' : 'lower';
  });
  expect([...new Set(changes.slice(0, 30)), ...new Set(changes.slice(90))]).toEqual([
    'stays',
    'stays',
  ]);
  const within = changes.slice(30, 90);
  for (const change of ['late', 'higher', 'lower']) {
    expect(within.filter((one) => one === change).length, change).toBeGreaterThan(4);
  }
  expect(editionAt(noon + hourMs)).toBe(editionAt(noon));
  const other = createFaultScript('restated yesterday', { ...script, cloud: 'azure' });
  expect(outputs(other.edition?.(traffic, noon) ?? traffic)).toEqual(outputs(traffic));
});

it('tells the new truth from that moment on at the side door', async () => {
  const time = { now: noon - minuteMs };
  const now = () => time.now;
  const faults = createFaultScript('restated yesterday', {
    cloud: 'aws',
    now,
    from: noon,
    to: noon,
  });
  const clouds = await startClouds({ traffic, now, faults });
  const url = `${clouds.controlUrl}/truth?from=${told.from}&to=${told.to}`;
  const ask = async () => (await fetch(url)).json() as Promise<readonly unknown[]>;
  const early = await ask();
  time.now = noon;
  expect(await ask()).not.toEqual(early);
  await clouds.close();
});
