import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CoverageSpan } from '../../../agent/core/store.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { headOf, recentWindow } from '../../../agent/schedule/due.ts';
import { reachingBack, withTailsSettled } from '../../../agent/schedule/reach.ts';
import { createWorkbench, opening, runSource, told } from './running.ts';
import { createScriptedCloud, failure, listed, steady, targetIn } from './scripted-cloud.ts';

const world = [steady('openai.gpt-oss-120b-1:0')];
const target = targetIn('us-east-1', world);
const [unit] = target.units;
const settings = {
  overlapSeconds: 1_800,
  backfillSeconds: 86_400,
  minuteRetentionSeconds: 15 * 86_400,
};
const head = headOf(opening);
const span = (from: number, to: number, settled = true, periodSeconds = 60): CoverageSpan => ({
  start: head - from * minuteMs,
  end: head - to * minuteMs,
  periodSeconds,
  settled,
});

describe('the newest minutes', () => {
  it.each([
    ['begin with the overlap where nothing was read yet', [], 30],
    ['begin with the overlap where the last poll was on time', [span(600, 15)], 30],
    ['reach back to where a late poll left off', [span(600, 75), span(75, 65, false)], 75],
    ['reach back six hours at most; more is a gap', [span(900, 361)], 30],
    [
      'reach back to the last settled minute though a gap lies before it',
      [span(900, 600), span(90, 50)],
      50,
    ],
    ['take no notice of what was settled by the hour only', [span(900, 60, true, 3_600)], 30],
  ])('%s', (_what, spans, minutes) => {
    const coverage = new Map([[unit?.key ?? '', spans]]);
    const { window } = reachingBack(recentWindow(target, opening, settings), coverage);
    expect(window).toEqual({ start: head - minutes * minuteMs, end: head });
  });

  it('and the gaps behind them leave nothing out and overlap nowhere', () => {
    const spans = fc.array(
      fc
        .tuple(fc.nat({ max: 600 }), fc.nat({ max: 600 }), fc.boolean())
        .map(([a, b, settled]) => span(Math.max(a, b), Math.min(a, b), settled)),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(spans, (some) => {
        const coverage = new Map([[unit?.key ?? '', some]]);
        const { window } = reachingBack(recentWindow(target, opening, settings), coverage);
        const seen = withTailsSettled(coverage, head).get(unit?.key ?? '') ?? [];
        const isSettled = (list: readonly CoverageSpan[], at: number) =>
          list.some(({ start, end, settled }) => settled && start <= at && at < end);
        for (let at = head - 12 * hourMs; at < head; at += 5 * minuteMs) {
          const left = !isSettled(seen, at);
          const wasSettled = isSettled(some, at);
          expect(left || wasSettled || at >= window.start).toBe(true);
        }
      }),
    );
  });
});

it('a poll that failed for an hour is made up for by one read, and by no gap', async () => {
  const bench = createWorkbench();
  const deps = { ...bench.deps, settings: { ...bench.deps.settings, everySeconds: 300 } };
  const cloud = createScriptedCloud(bench.clock, world, () => listed({ 'us-east-1': world }));
  const source = runSource({ ...bench, deps }, cloud.collector);
  await bench.clock.advance(10 * minuteMs);
  cloud.beforeAnswer = () => {
    throw failure('throttled', hourMs);
  };
  await bench.clock.advance(10 * minuteMs);
  cloud.beforeAnswer = () => undefined;
  const from = cloud.asked.length;
  await bench.clock.advance(hourMs);
  expect(told(cloud.asked.slice(from))).toEqual([
    'us-east-1 13 12:00–13:14',
    'us-east-1 13 12:49–13:19',
  ]);
  await source.stop();
});
