import { expect, it } from 'vitest';
import type { ExternalError } from '../../../agent/core/errors.ts';
import { minuteMs, secondMs } from '../../../agent/core/time.ts';
import { createWorkbench, opening, runSource } from './running.ts';
import { createScriptedCloud, failure, listed, scopeOf, steady } from './scripted-cloud.ts';

const east = [steady('openai.gpt-oss-120b-1:0')];

/** Minutes after the start at which a source is listed whose one scope fails so. */
async function listings(error: ExternalError, fails = Infinity, minutes = 40) {
  const bench = createWorkbench();
  let count = 0;
  const cloud = createScriptedCloud(bench.clock, east, () => {
    count += 1;
    const failures = count > fails ? [] : [{ scope: scopeOf('eu-central-1'), error }];
    return listed({ 'us-east-1': east }, { failures });
  });
  const source = runSource(bench, cloud.collector);
  await bench.clock.advance(minutes * minuteMs);
  const status = await bench.status(scopeOf('eu-central-1'));
  await source.stop();
  return {
    at: cloud.listings.map((at) => Math.round((at - opening) / minuteMs)),
    nextTry: status?.nextPoll,
  };
}

it.each([
  [
    'is listed again within minutes when it may pass, later each time',
    failure('throttled'),
    [0, 1, 3, 7, 15, 25, 35],
  ],
  [
    'is listed again at the ordinary time when it needs a person',
    failure('denied'),
    [0, 10, 20, 30],
  ],
  [
    'is not listed before it asked to be',
    failure('throttled', 4 * minuteMs),
    [0, 4, 8, 12, 20, 30],
  ],
  [
    'is not listed before it asked to be, however long that is',
    failure('throttled', 17 * minuteMs),
    [0, 17, 34],
  ],
])('a scope that failed %s', async (_what, error, at) => {
  expect((await listings(error)).at).toEqual(at);
});

it('begins with short waits again once it was listed', async () => {
  expect((await listings(failure('timeout'), 3)).at).toEqual([0, 1, 3, 7, 17, 27, 37]);
});

it('says when that is', async () => {
  const { nextTry } = await listings(failure('throttled', 25 * minuteMs), Infinity, 10);
  expect(nextTry).toBe(opening + 200 + 25 * minuteMs);
});

it('a read that asks for a listing does not get it before the listing itself may be repeated', async () => {
  const bench = createWorkbench();
  const error = failure('throttled', 8 * minuteMs);
  const cloud = createScriptedCloud(bench.clock, east, () =>
    listed({ 'us-east-1': east }, { failures: [{ scope: scopeOf('eu-central-1'), error }] }),
  );
  const source = runSource(bench, cloud.collector);
  await bench.clock.advance(2 * minuteMs);
  cloud.beforeAnswer = () => {
    throw failure('bad_response');
  };
  await bench.clock.advance(5 * minuteMs);
  expect(cloud.listings).toHaveLength(1);
  await bench.clock.advance(2 * minuteMs);
  expect(cloud.listings).toHaveLength(2);
  expect((cloud.listings[1] ?? 0) - opening).toBeLessThan(8 * minuteMs + 2 * secondMs);
  await source.stop();
});
