import { describe, expect, it } from 'vitest';
import type { Collector } from '../../../agent/core/collector.ts';
import type { Log } from '../../../agent/core/log.ts';
import { silentLog } from '../../../agent/core/log.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { collectWindow } from '../../../agent/schedule/collect.ts';
import { day0 } from '../../support/ledger-world.ts';
import { createWorkbench, opening } from './running.ts';
import { createScriptedCloud, failure, listed, steady } from './scripted-cloud.ts';

const world = [steady('openai.gpt-oss-120b-1:0')];
const window = { start: day0 + dayMs, end: day0 + dayMs + 30 * minuteMs };

/** A ledger that knows one target, its cloud, and a log that keeps its warnings. */
function prepare() {
  const bench = createWorkbench();
  const cloud = createScriptedCloud(bench.clock, world, () => listed({ 'us-east-1': world }));
  cloud.readMs = 0;
  const [target] = bench.ledger.recordDiscovery('aws', cloud.listing(), opening);
  if (target === undefined) throw new Error('the listing names a target');
  const warnings: [string, unknown][] = [];
  const log: Log = {
    ...silentLog,
    warn: (message, fields) => void warnings.push([message, fields]),
  };
  return { ...bench, deps: { ...bench.deps, log }, cloud, target, warnings };
}

describe('collecting a window', () => {
  it('commits what was read, with the window and the series', async () => {
    const { deps, cloud, target, ledger, clock, warnings, ...bench } = prepare();
    const due = { window, periodSeconds: 60, units: target.units };
    const done = collectWindow(deps, cloud.collector, target, due, new AbortController().signal);
    await clock.advance(0);
    expect(await done).toMatchObject({ readingsChanged: 30, usageChanged: 30, vanished: 0 });
    expect([...ledger.coverage(target.id).values()]).toEqual([
      [{ ...window, periodSeconds: 60, settled: true }],
    ]);
    expect(await bench.status(target.id)).toMatchObject({
      lastSuccess: opening,
    });
    expect(warnings).toEqual([]);
    ledger.close();
  });

  it('keeps the rest of a window of which some samples are refused, and says which', async () => {
    const { deps, cloud, target, ledger, clock, warnings } = prepare();
    const bent: Collector = {
      ...cloud.collector,
      collect: async (request, signal) =>
        (await cloud.collector.collect(request, signal)).map((sample) => ({
          ...sample,
          values: sample.values.with(3, -1),
        })),
    };
    const due = { window, periodSeconds: 60, units: target.units };
    const done = collectWindow(deps, bent, target, due, new AbortController().signal);
    await clock.advance(0);
    expect((await done).readingsChanged).toBe(29);
    expect(warnings).toEqual([
      [
        'samples rejected',
        {
          target: target.id,
          rejections: [expect.objectContaining({ reason: 'negative', count: 1 })],
        },
      ],
    ]);
    ledger.close();
  });

  it('commits nothing when the read throws: a window is collected whole or not at all', async () => {
    const { deps, cloud, target, ledger, clock } = prepare();
    cloud.beforeAnswer = () => {
      throw failure('timeout');
    };
    const due = { window, periodSeconds: 60, units: target.units };
    const done = collectWindow(deps, cloud.collector, target, due, new AbortController().signal);
    const failed = done.catch((error: unknown) => error);
    await clock.advance(0);
    expect(await failed).toMatchObject({ reason: 'timeout' });
    expect([...ledger.coverage(target.id).values()]).toEqual([[]]);
    ledger.close();
  });

  it('commits nothing when it was stopped while the answer came', async () => {
    const { deps, cloud, target, ledger, clock } = prepare();
    const stop = new AbortController();
    cloud.beforeAnswer = () => stop.abort();
    const due = { window, periodSeconds: 60, units: target.units };
    const done = collectWindow(deps, cloud.collector, target, due, stop.signal);
    const failed = done.catch((error: unknown) => error);
    await clock.advance(hourMs);
    expect(await failed).toMatchObject({ name: 'AbortError' });
    expect([...ledger.coverage(target.id).values()]).toEqual([[]]);
    ledger.close();
  });
});
