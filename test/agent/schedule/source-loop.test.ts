import { describe, expect, it } from 'vitest';
import type { Collector } from '../../../agent/core/collector.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../agent/core/time.ts';
import { coveredMs, union } from '../../../agent/core/window.ts';
import { createSourceLoop } from '../../../agent/schedule/source-loop.ts';
import { createWorkbench, opening, runSource, told } from './running.ts';
import type { Workbench } from './running.ts';
import {
  createScriptedCloud,
  failure,
  listed,
  scopeOf,
  steady,
  targetIn,
} from './scripted-cloud.ts';
import type { Regions, ScriptedCloud } from './scripted-cloud.ts';

const east = [steady('openai.gpt-oss-120b-1:0')];
const west = [steady('amazon.nova-pro-v1:0')];
const both: Regions = { 'us-east-1': east, 'eu-central-1': west };
const eastId = targetIn('us-east-1', east).id;
const westId = targetIn('eu-central-1', west).id;

/** A source of two targets, running; `script` is told before its first listing. */
async function run(script: (cloud: ScriptedCloud) => void = () => undefined, { slots = 4 } = {}) {
  const bench = createWorkbench(slots);
  const cloud = createScriptedCloud(bench.clock, [...east, ...west], () => listed(both));
  script(cloud);
  const source = runSource(bench, cloud.collector);
  await bench.clock.settle();
  return { ...bench, ...source, cloud };
}

/** Reads of one target since `from`. */
function readsOf(cloud: ScriptedCloud, id: string, from = 0): number {
  return cloud.asked.filter(({ target, at }) => target.id === id && at >= from).length;
}

/** How much of the day behind the overlap is settled for every series of a target, 0 to 1. */
function settledShare({ ledger, clock }: Workbench, id: string): number {
  const within = { start: clock.now() - dayMs + hourMs, end: clock.now() - hourMs };
  const shares = [...ledger.coverage(id).values()].map(
    (spans) => coveredMs(within, union(spans.filter((span) => span.settled))) / (22 * hourMs),
  );
  return shares.length === 0 ? 0 : Math.min(...shares);
}

describe('a source', () => {
  it('lists its targets, says for which it waits, and fills the horizon of all', async () => {
    const s = await run();
    expect(s.loop.name).toBe('aws');
    expect(s.loop.waitingFor()).toBeUndefined();
    await s.clock.advance(200);
    expect(s.loop.waitingFor()).toEqual([eastId, westId]);
    await s.clock.advance(10 * secondMs);
    expect(s.loop.waitingFor()).toEqual([]);
    expect(settledShare(s, eastId)).toBe(1);
    expect(settledShare(s, westId)).toBe(1);
    await s.stop();
  });

  it('lists anew after its time, and not before', async () => {
    const s = await run();
    await s.clock.advance(21 * minuteMs);
    expect(s.cloud.listings.map((at) => at - opening)).toEqual([0, 600_200, 1_200_400]);
    await s.stop();
  });

  it('reads the newest windows of all its targets before any gap, then gaps newest first across them', async () => {
    const s = await run(undefined, { slots: 1 });
    await s.clock.advance(10 * secondMs);
    expect(told(s.cloud.asked)).toEqual([
      'us-east-1 13 11:29–11:59',
      'eu-central-1 13 11:29–11:59',
      'us-east-1 13 00:00–11:29',
      'eu-central-1 13 00:00–11:29',
      'us-east-1 12 12:01–00:00',
      'eu-central-1 12 12:01–00:00',
    ]);
    await s.stop();
  });

  it('fills a newly listed series back to the horizon, and of the others reads only what is new', async () => {
    const s = await run();
    await s.clock.advance(5 * minuteMs);
    const more = [...east, steady('openai.gpt-oss-20b-1:0')];
    s.cloud.listing = () => listed({ ...both, 'us-east-1': more });
    const from = s.cloud.asked.length;
    await s.clock.advance(7 * minuteMs);
    const behind = s.cloud.asked
      .slice(from)
      .filter(({ target, window }) => target.id === eastId && window.end < opening - hourMs);
    expect(told(behind)).toEqual(['us-east-1 12 12:12–00:00']);
    expect(behind.flatMap(({ units }) => units.map((unit) => unit.dimensions['ModelId']))).toEqual([
      'openai.gpt-oss-20b-1:0',
    ]);
    expect(settledShare(s, eastId)).toBe(1);
    await s.stop();
  });

  it('repairs the gap of an outage: what a machine that slept a day left out is read', async () => {
    const s = await run();
    await s.clock.advance(5 * minuteMs);
    await s.clock.jump(dayMs);
    await s.clock.advance(10 * secondMs);
    expect(settledShare(s, eastId)).toBe(1);
    expect(settledShare(s, westId)).toBe(1);
    const [first] = s.cloud.asked.filter(({ at }) => at > opening + hourMs);
    expect(first?.window.end).toBeGreaterThan(opening + dayMs);
    await s.stop();
  });
});

describe('a target that fails', () => {
  it('does not hold up another', async () => {
    const s = await run((cloud) => {
      cloud.beforeAnswer = ({ target }) => {
        if (target.id === eastId) throw failure('timeout');
      };
    });
    await s.clock.advance(5 * minuteMs);
    expect(settledShare(s, westId)).toBe(1);
    expect(settledShare(s, eastId)).toBe(0);
    expect((await s.status(westId))?.failure).toBeNull();
    expect((await s.status(eastId))?.failure).toMatchObject({ reason: 'timeout' });
    expect(s.loop.waitingFor()).toEqual([]);
    await s.stop();
  });

  it('does not hold up another even where both share one slot', async () => {
    const s = await run(
      (cloud) => {
        cloud.beforeAnswer = ({ target }) => {
          if (target.id === eastId) throw failure('timeout');
        };
      },
      { slots: 1 },
    );
    await s.clock.advance(5 * minuteMs);
    expect(settledShare(s, westId)).toBe(1);
    await s.stop();
  });

  it('with a bad response has the source listed anew at once, with any other reason does not', async () => {
    const s = await run();
    await s.clock.advance(2 * minuteMs);
    s.cloud.beforeAnswer = () => {
      throw failure('throttled');
    };
    await s.clock.advance(minuteMs);
    expect(s.cloud.listings).toHaveLength(1);
    s.cloud.beforeAnswer = ({ target }) => {
      s.cloud.beforeAnswer = () => undefined;
      if (target.id === eastId) throw failure('bad_response');
    };
    await s.clock.advance(10 * minuteMs);
    const [, asked, ...later] = s.cloud.listings;
    expect((asked ?? 0) - opening).toBeGreaterThan(3 * minuteMs);
    expect((asked ?? 0) - opening).toBeLessThan(5 * minuteMs);
    expect(later).toEqual([]);
    await s.stop();
  });
});

describe('what is listed no more', () => {
  it('stops where the cloud’s listing forgets nothing', async () => {
    const s = await run((cloud) => {
      cloud.listing = () => listed(both, { rememberUnits: false });
    });
    await s.clock.advance(5 * minuteMs);
    s.cloud.listing = () =>
      listed(
        { 'us-east-1': east },
        { rememberUnits: false, scopes: Object.keys(both).map(scopeOf) },
      );
    await s.clock.advance(6 * minuteMs);
    const after = s.clock.now();
    await s.clock.advance(10 * minuteMs);
    expect(readsOf(s.cloud, westId, after)).toBe(0);
    expect(readsOf(s.cloud, eastId, after)).toBeGreaterThan(5);
    expect(await s.status(westId)).toBeUndefined();
    await s.stop();
  });

  it('is polled on where the cloud’s listing forgets, as long as its scope is looked at', async () => {
    const s = await run();
    await s.clock.advance(5 * minuteMs);
    s.cloud.listing = () =>
      listed({ 'us-east-1': east }, { scopes: Object.keys(both).map(scopeOf) });
    await s.clock.advance(6 * minuteMs);
    const after = s.clock.now();
    await s.clock.advance(10 * minuteMs);
    expect(readsOf(s.cloud, westId, after)).toBeGreaterThan(5);
    await s.stop();
  });

  it('stops where its scope is no longer configured, and begins again when it is', async () => {
    const s = await run();
    await s.clock.advance(5 * minuteMs);
    s.cloud.listing = () => listed({ 'us-east-1': east });
    await s.clock.advance(6 * minuteMs);
    const after = s.clock.now();
    await s.clock.advance(4 * minuteMs);
    expect(readsOf(s.cloud, westId, after)).toBe(0);
    s.cloud.listing = () => listed(both);
    await s.clock.advance(10 * minuteMs);
    expect(readsOf(s.cloud, westId, after)).toBeGreaterThan(2);
    expect(settledShare(s, westId)).toBe(1);
    await s.stop();
  });
});

describe('a listing that fails', () => {
  const denied = { scope: scopeOf('eu-central-1'), error: failure('denied') };

  it('for one scope keeps its known targets polled, and is on record until it succeeds', async () => {
    const s = await run();
    await s.clock.advance(5 * minuteMs);
    s.cloud.listing = () => listed({ 'us-east-1': east }, { failures: [denied] });
    await s.clock.advance(6 * minuteMs);
    const after = s.clock.now();
    await s.clock.advance(3 * minuteMs);
    expect(readsOf(s.cloud, westId, after)).toBeGreaterThan(2);
    expect((await s.status(denied.scope))?.failure).toMatchObject({
      reason: 'denied',
      hint: 'What to do about denied.',
    });
    s.cloud.listing = () => listed(both);
    await s.clock.advance(10 * minuteMs);
    expect(await s.status(denied.scope)).toBeUndefined();
    await s.stop();
  });

  it('for one scope from the start has the others read', async () => {
    const s = await run((cloud) => {
      cloud.listing = () => listed({ 'us-east-1': east }, { failures: [denied] });
    });
    await s.clock.advance(10 * secondMs);
    expect(settledShare(s, eastId)).toBe(1);
    expect(s.loop.waitingFor()).toEqual([]);
    expect((await s.status(denied.scope))?.nextPoll).toBe(opening + 200 + 600_000);
    await s.stop();
  });

  it('as a whole is on record under the source’s name, tried again after a while, then forgotten', async () => {
    const s = await run((cloud) => {
      cloud.listing = () => {
        throw failure('unreachable');
      };
    });
    await s.clock.advance(secondMs);
    expect(s.loop.waitingFor()).toEqual([]);
    expect((await s.status('aws'))?.failure).toMatchObject({ reason: 'unreachable' });
    expect((await s.status('aws'))?.nextPoll).toBe(opening + 200 + 2_500);
    await s.clock.advance(20 * secondMs);
    expect(s.cloud.listings.map((at) => at - opening)).toEqual([0, 2_700, 7_900, 18_100]);
    s.cloud.listing = () => listed(both);
    await s.clock.advance(30 * secondMs);
    expect(await s.status('aws')).toBeUndefined();
    expect(settledShare(s, eastId)).toBe(1);
    s.cloud.listing = () => {
      throw failure('unreachable');
    };
    await s.clock.advance(10 * minuteMs + 10 * secondMs);
    const [first = 0, second = 0] = s.cloud.listings.filter((at) => at > opening + 2 * minuteMs);
    expect(second - first).toBe(200 + 2_500);
    await s.stop();
  });

  it('as a whole keeps every known target polled', async () => {
    const s = await run();
    await s.clock.advance(5 * minuteMs);
    s.cloud.listing = () => {
      throw failure('denied');
    };
    await s.clock.advance(6 * minuteMs);
    const after = s.clock.now();
    await s.clock.advance(5 * minuteMs);
    expect(readsOf(s.cloud, eastId, after)).toBeGreaterThan(3);
    await s.stop();
  });

  it('with what is no failure of a cloud is a bad response all the same', async () => {
    const s = await run((cloud) => {
      cloud.listing = () => {
        throw new TypeError('x is undefined');
      };
    });
    await s.clock.advance(secondMs);
    expect((await s.status('aws'))?.failure).toMatchObject({
      reason: 'bad_response',
      operation: 'discover',
      message: 'x is undefined',
    });
    await s.stop();
  });
});

describe('stopping', () => {
  it.each([
    ['during the first listing', 0, 200],
    ['in the middle of reads that would take an hour', secondMs, hourMs],
    ['while everything rests', 30 * secondMs, 200],
  ])(
    '%s ends all of it without the clock moving, and leaves no sleeper behind',
    async (_w, after, readMs) => {
      const s = await run((cloud) => {
        cloud.readMs = readMs;
      });
      await s.clock.advance(after);
      const asked = s.cloud.asked.length;
      await s.stop();
      expect(s.clock.sleepers()).toEqual([]);
      await s.clock.advance(hourMs);
      expect(s.cloud.asked).toHaveLength(asked);
    },
  );

  it('in the middle of a listing records no failure of its own', async () => {
    const bench = createWorkbench();
    const cloud = createScriptedCloud(bench.clock, east, () => listed({ 'us-east-1': east }));
    const controller = new AbortController();
    const done = createSourceLoop(bench.deps, cloud.collector).run(controller.signal);
    controller.abort();
    await done;
    expect(await bench.ledger.sources(bench.clock.now())).toEqual([]);
    bench.ledger.close();
  });

  it('while targets wait for a slot ends them too', async () => {
    const s = await run(
      (cloud) => {
        cloud.readMs = hourMs;
      },
      { slots: 1 },
    );
    await s.clock.advance(secondMs);
    expect(s.cloud.asked).toHaveLength(1);
    await s.stop();
    expect(s.cloud.asked).toHaveLength(1);
  });

  it('waits for a target that was dropped in the middle of a read and does not listen', async () => {
    const bench = createWorkbench();
    const cloud = createScriptedCloud(bench.clock, east, () => listed({ 'us-east-1': east }));
    let letGo: () => void = () => undefined;
    const deaf: Collector = {
      ...cloud.collector,
      collect: () => new Promise((resolve) => (letGo = () => resolve([]))),
    };
    const source = runSource(bench, deaf);
    await bench.clock.advance(secondMs);
    cloud.listing = () => listed({});
    await bench.clock.advance(11 * minuteMs);
    let stopped = false;
    const stopping = source.stop().then(() => (stopped = true));
    await bench.clock.settle();
    await bench.clock.settle();
    await bench.clock.settle();
    expect(stopped).toBe(false);
    letGo();
    await stopping;
    expect(stopped).toBe(true);
  });
});

describe('a source that cannot be listed at all', () => {
  it('goes on reading what the ledger knows of it from an earlier run', async () => {
    const bench = createWorkbench();
    const earlier = listed(both);
    bench.ledger.recordDiscovery('aws', earlier, opening - dayMs);
    const cloud = createScriptedCloud(bench.clock, [...east, ...west], () => {
      throw failure('denied');
    });
    const source = runSource(bench, cloud.collector);
    await bench.clock.advance(minuteMs);
    expect(new Set(cloud.asked.map(({ target }) => target.id))).toEqual(new Set([eastId, westId]));
    expect(settledShare(bench, eastId)).toBe(1);
    expect((await bench.status('aws'))?.failure).toMatchObject({ reason: 'denied' });
    expect(source.loop.waitingFor()).toEqual([]);
    await source.stop();
  });
});
