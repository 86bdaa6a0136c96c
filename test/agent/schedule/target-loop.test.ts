import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from '../../../agent/core/collector.ts';
import { hourMs, minuteMs, secondMs } from '../../../agent/core/time.ts';
import { pollAfter } from '../../../agent/schedule/next-work.ts';
import { runTarget } from '../../../agent/schedule/target-loop.ts';
import type { TargetState } from '../../../agent/schedule/target-loop.ts';
import { createWorkbench, opening, sharedOf, told } from './running.ts';
import { createScriptedCloud, failure, listed, steady, targetIn } from './scripted-cloud.ts';
import type { ScriptedCloud } from './scripted-cloud.ts';

const world = [steady('openai.gpt-oss-120b-1:0')];
const target = targetIn('us-east-1', world);

/** One target, known to the ledger, running; `script` is told before its first read. */
async function run(
  change: Partial<Target> = {},
  script: (cloud: ScriptedCloud) => void = () => {},
) {
  const bench = createWorkbench();
  const { clock, ledger, deps } = bench;
  const cloud = createScriptedCloud(clock, world, () => listed({ 'us-east-1': world }));
  script(cloud);
  ledger.recordDiscovery('aws', cloud.listing(), clock.now());
  const newListings: number[] = [];
  const state: TargetState = {
    target: { ...target, ...change },
    requestDiscovery: () => void newListings.push(clock.now()),
    settledOnce: false,
  };
  const controller = new AbortController();
  let ended = false;
  const shared = sharedOf(deps, cloud.collector);
  const done = runTarget(deps, cloud.collector, state, shared, controller.signal).then(
    () => (ended = true),
  );
  await clock.settle();
  return {
    ...bench,
    cloud,
    state,
    newListings,
    hasEnded: () => ended,
    /** Stops it and says which failure is on record then. */
    async stop() {
      controller.abort();
      await done;
      expect(clock.sleepers()).toEqual([]);
      const failed = (await bench.status(target.id))?.failure ?? null;
      ledger.close();
      return failed;
    },
  };
}

describe('the next poll', () => {
  it.each([
    ['is the next multiple of the cadence', 10_000, 60, 60_000],
    ['is never now', 60_000, 60, 120_000],
    ['comes after an odd cadence too', 100_000, 45, 135_000],
  ])('%s', (_what, now, every, next) => {
    expect(pollAfter(now, every)).toBe(next);
  });

  it('is at most one cadence away, on a multiple of it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2e12 }), fc.integer({ min: 1, max: 86_400 }), (now, every) => {
        const wait = pollAfter(now, every) - now;
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(every * 1_000);
        expect(pollAfter(now, every) % (every * 1_000)).toBe(0);
      }),
    );
  });
});

describe('a target', () => {
  it('is read newest minutes first, then what lies behind them newest first, then rests', async () => {
    const t = await run();
    await t.clock.advance(30 * secondMs);
    expect(told(t.cloud.asked)).toEqual([
      'us-east-1 13 11:29–11:59',
      'us-east-1 13 00:00–11:29',
      'us-east-1 12 12:01–00:00',
    ]);
    expect(t.clock.sleepers()).toEqual([opening + 50 * secondMs]);
    await t.stop();
  });

  it('is polled at each multiple of the cadence, with the overlap again', async () => {
    const t = await run();
    await t.clock.advance(3 * minuteMs);
    expect(told(t.cloud.asked.slice(3))).toEqual([
      'us-east-1 13 11:30–12:00',
      'us-east-1 13 11:31–12:01',
      'us-east-1 13 11:32–12:02',
    ]);
    expect(t.cloud.asked.slice(3).map(({ at }) => at % minuteMs)).toEqual([0, 0, 0]);
    expect((await t.status(target.id))?.nextPoll).toBe(opening - 10 * secondMs + 4 * minuteMs);
    await t.stop();
  });

  it('is polled between gaps, for the newest minutes go before any gap', async () => {
    const t = await run({}, (cloud) => {
      cloud.readMs = 40 * secondMs;
    });
    await t.clock.advance(3 * minuteMs);
    expect(told(t.cloud.asked)).toEqual([
      'us-east-1 13 11:29–11:59',
      'us-east-1 13 00:00–11:29',
      'us-east-1 13 11:30–12:00',
      'us-east-1 12 12:03–00:00',
      'us-east-1 13 11:32–12:02',
    ]);
    await t.stop();
  });

  it('without series rests from poll to poll and is read from the poll on at which it has some', async () => {
    const t = await run({ units: [] });
    await t.clock.advance(10 * minuteMs);
    expect(t.cloud.asked).toEqual([]);
    t.state.target = target;
    await t.clock.advance(minuteMs);
    expect(told(t.cloud.asked).slice(0, 1)).toEqual(['us-east-1 13 11:40–12:10']);
    await t.stop();
  });
});

describe('a read that fails', () => {
  it('is on record with reason, hint and next try, and is forgotten with the next success', async () => {
    const t = await run({}, (cloud) => {
      cloud.beforeAnswer = () => {
        throw failure('throttled');
      };
    });
    await t.clock.advance(secondMs);
    expect(await t.status(target.id)).toMatchObject({
      failure: {
        reason: 'throttled',
        operation: 'cloudwatch:GetMetricData',
        message: 'throttled by the script',
        hint: 'What to do about throttled.',
        at: opening + 200,
      },
      nextPoll: opening + 200 + 2_500,
      lastSuccess: null,
    });
    t.cloud.beforeAnswer = () => undefined;
    await t.clock.advance(10 * secondMs);
    expect(await t.status(target.id)).toMatchObject({
      failure: null,
      lastSuccess: (t.cloud.asked.at(-1)?.at ?? 0) + 200,
    });
    await t.stop();
  });

  it('covers nothing of its window: a window is read whole or not at all', async () => {
    const t = await run({}, (cloud) => {
      cloud.beforeAnswer = () => {
        throw failure('timeout');
      };
    });
    await t.clock.advance(hourMs);
    expect([...t.ledger.coverage(target.id).values()]).toEqual([[]]);
    expect(await t.ledger.since(0, 1)).toEqual([]);
    await t.stop();
  });

  it('waits longer each time it fails again, and starts anew after a success', async () => {
    const t = await run({}, (cloud) => {
      cloud.beforeAnswer = () => {
        throw failure('unreachable');
      };
    });
    await t.clock.advance(minuteMs);
    const waits = t.cloud.asked.map(({ at }, i, all) => (all[i + 1]?.at ?? at) - at - 200);
    expect(waits.slice(0, 4)).toEqual([2_500, 5_000, 10_000, 20_000]);
    t.cloud.beforeAnswer = () => undefined;
    await t.clock.advance(5 * minuteMs);
    t.cloud.beforeAnswer = () => {
      throw failure('unreachable');
    };
    const from = t.cloud.asked.length;
    await t.clock.advance(minuteMs + 20 * secondMs);
    const [first, second] = t.cloud.asked.slice(from);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(200 + 2_500);
    await t.stop();
  });

  it.each([
    ['waits as long as the other side asked', failure('throttled', 90_000), 90_000],
    ['waits long where a person is needed', failure('denied'), 450_000],
  ])('%s', async (_what, error, wait) => {
    const t = await run({}, (cloud) => {
      cloud.beforeAnswer = () => {
        throw error;
      };
    });
    await t.clock.advance(200 + wait + 100);
    expect(t.cloud.asked.map(({ at }) => at)).toEqual([opening, opening + 200 + wait]);
    await t.stop();
  });

  it.each([
    ['an error of ours', new TypeError('x is undefined'), 'x is undefined'],
    ['a text', 'no luck', 'no luck'],
    ['nothing', undefined, 'undefined'],
  ])(
    'with %s that is no failure of a cloud is a bad response all the same',
    async (_w, thrown, message) => {
      const t = await run({}, (cloud) => {
        cloud.beforeAnswer = () => {
          throw thrown;
        };
      });
      await t.clock.advance(secondMs);
      expect((await t.status(target.id))?.failure).toMatchObject({
        reason: 'bad_response',
        operation: 'collect',
        message,
      });
      t.cloud.beforeAnswer = () => undefined;
      await t.clock.advance(10 * secondMs);
      expect((await t.status(target.id))?.failure).toBeNull();
      await t.stop();
    },
  );

  it.each([
    ['asks for a new listing after a bad response', failure('bad_response'), [opening + 200]],
    ['asks for none when throttled', failure('throttled'), []],
    ['asks for none when denied', failure('denied'), []],
  ])('%s', async (_what, error, expected) => {
    const t = await run({}, (cloud) => {
      cloud.beforeAnswer = () => {
        throw error;
      };
    });
    await t.clock.advance(secondMs);
    expect(t.newListings).toEqual(expected);
    await t.stop();
  });
});

describe('whether a target has had its turn', () => {
  it('is no before, yes once read', async () => {
    const t = await run();
    expect(t.state.settledOnce).toBe(false);
    await t.clock.advance(200);
    expect(t.state.settledOnce).toBe(true);
    await t.stop();
  });

  it('is yes as well once it failed with a reason', async () => {
    const t = await run({}, (cloud) => {
      cloud.beforeAnswer = () => {
        throw failure('denied');
      };
    });
    await t.clock.advance(200);
    expect(t.state.settledOnce).toBe(true);
    await t.stop();
  });
});

describe('stopping', () => {
  it.each([
    ['in the middle of a read that would take an hour', hourMs, 0, false],
    ['while it rests until the next poll', 200, 30 * secondMs, false],
    ['while it waits out a failure', 200, secondMs, true],
  ])('%s ends at once and records no failure of its own', async (_what, readMs, after, fails) => {
    const t = await run({}, (cloud) => {
      cloud.readMs = readMs;
      cloud.beforeAnswer = () => {
        if (fails) throw failure('denied');
      };
    });
    await t.clock.advance(after);
    const before = (await t.status(target.id))?.failure ?? null;
    expect(before === null).toBe(!fails);
    expect(t.hasEnded()).toBe(false);
    const stopping = t.stop();
    await t.clock.settle();
    expect(t.hasEnded()).toBe(true);
    expect(await stopping).toEqual(before);
  });

  it('under a signal that aborted already reads nothing', async () => {
    const { deps, clock, ledger } = createWorkbench();
    const cloud = createScriptedCloud(clock, world, () => listed({}));
    const state = { target, requestDiscovery: () => undefined, settledOnce: false };
    const shared = sharedOf(deps, cloud.collector);
    await runTarget(deps, cloud.collector, state, shared, AbortSignal.abort());
    expect(cloud.asked).toEqual([]);
    ledger.close();
  });
});
