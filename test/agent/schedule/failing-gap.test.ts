import { expect, it } from 'vitest';
import { dayMs, hourMs } from '../../../agent/core/time.ts';
import { createWorkbench, opening, runSource } from './running.ts';
import { createScriptedCloud, failure, listed, steady } from './scripted-cloud.ts';

it('a gap that can never be read neither holds up the gaps behind it nor is tried and listed for without rest', async () => {
  const world = [steady('openai.gpt-oss-120b-1:0')];
  const bench = createWorkbench();
  const deps = { ...bench.deps, settings: { ...bench.deps.settings, backfillSeconds: 5 * 86_400 } };
  const cloud = createScriptedCloud(bench.clock, world, () => listed({ 'us-east-1': world }));
  const midnight = opening - (opening % dayMs);
  cloud.beforeAnswer = ({ window }) => {
    if (window.end === midnight) throw failure('bad_response');
  };
  const source = runSource({ ...bench, deps }, cloud.collector);
  await bench.clock.advance(6 * hourMs);
  expect(cloud.asked.filter(({ window }) => window.end === midnight).length).toBeLessThan(60); // 1633
  expect(cloud.listings.length).toBeLessThan(100); // 1634
  expect(cloud.asked.some(({ window }) => window.end < midnight)).toBe(true); // never
  await source.stop();
});
