import { describe, expect, it } from 'vitest';
import type { MeterUnit } from '../../../agent/core/collector.ts';
import { hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createActivity, idlePolls, turnOf } from '../../../agent/schedule/activity.ts';
import { createWorkbench, opening, runSource } from './running.ts';
import { createScriptedCloud, listed, steady, targetIn } from './scripted-cloud.ts';

const noon = Date.UTC(2026, 10, 18, 12);
const busy = 'openai.gpt-oss-120b-1:0';
const calm = 'amazon.nova-pro-v1:0';
const target = targetIn('us-east-1', [steady(busy), steady(busy, 'out'), steady(calm)]);
const [busyIn, busyOut, calmIn] = target.units as [MeterUnit, MeterUnit, MeterUnit];

function read(from: number, to: number, units: readonly MeterUnit[] = target.units) {
  return { window: { start: from, end: to }, periodSeconds: 60, units };
}

describe('a unit', () => {
  it.each([
    ['is busy before it was ever read', [], false],
    ['is busy while less than three hours are known', [[noon - 2.9 * hourMs, noon]], false],
    ['is idle once three hours were read without a point', [[noon - 3 * hourMs, noon]], true],
    [
      'is idle when the three hours come in pieces, in any order, that overlap',
      [
        [noon - hourMs, noon],
        [noon - 2.5 * hourMs, noon - 0.5 * hourMs],
        [noon - 3 * hourMs, noon - 2 * hourMs],
      ],
      true,
    ],
    [
      'is busy where a hole lies in them: who knows what is in it',
      [
        [noon - 3 * hourMs, noon - 2 * hourMs],
        [noon - hourMs, noon],
      ],
      false,
    ],
  ])('%s', (_what, spans, idle) => {
    const activity = createActivity();
    for (const [from = 0, to = 0] of spans) activity.note(read(from, to), new Map());
    expect(activity.isIdle(calmIn.key)).toBe(idle);
  });

  it('is busy for three hours after its last point, whatever was read meanwhile', () => {
    const activity = createActivity();
    activity.note(read(noon - 6 * hourMs, noon), new Map([[calmIn.key, noon - hourMs]]));
    expect(activity.isIdle(calmIn.key)).toBe(false);
    activity.note(read(noon, noon + 1.9 * hourMs), new Map());
    expect(activity.isIdle(calmIn.key)).toBe(false);
    activity.note(read(noon + hourMs, noon + 2 * hourMs), new Map());
    expect(activity.isIdle(calmIn.key)).toBe(true);
    activity.note(
      read(noon + 2 * hourMs, noon + 2.1 * hourMs),
      new Map([[calmIn.key, noon + 2.1 * hourMs]]),
    );
    expect(activity.isIdle(calmIn.key)).toBe(false);
  });
});

describe('the turn of a poll', () => {
  const quiet = (to: number, points: ReadonlyMap<string, number>) => {
    const activity = createActivity();
    activity.note(read(to - 4 * hourMs, to), points);
    return activity;
  };

  it('reads all meters of a traffic of which one had points, and none of one that is silent', () => {
    const activity = quiet(noon, new Map([[busyIn.key, noon]]));
    const { now, idle } = turnOf(target, activity, noon + 5 * minuteMs, 300);
    expect(now).toEqual([busyIn, busyOut]);
    expect(idle).toEqual([calmIn]);
  });

  it.each([
    ['not at the next poll', 5, 1, 2],
    ['not at the second', 10, 1, 2],
    ['at the third', 15, 1, 3],
    ['not at the eleventh where idle ones wait four times as long', 55, 4, 2],
    ['then at the twelfth', 60, 4, 3],
  ])('reads a silent traffic %s', (_what, minutes, factor, count) => {
    const activity = quiet(noon, new Map([[busyIn.key, noon]]));
    activity.note(read(noon, noon + minutes * minuteMs, [busyIn, busyOut]), new Map());
    const { now } = turnOf(target, activity, noon + minutes * minuteMs, 300, factor);
    expect(now).toHaveLength(count);
  });

  it('reads a traffic with a new meter, however silent its others are', () => {
    const activity = createActivity();
    activity.note(read(noon - 4 * hourMs, noon, [busyIn, calmIn]), new Map());
    expect(turnOf(target, activity, noon + 5 * minuteMs, 300).now).toEqual([busyIn, busyOut]);
  });

  it.each([
    [60, 15],
    [300, 3],
    [600, 1],
    [3_600, 1],
  ])('at a poll every %i s is the turn of idle ones every %i', (every, polls) => {
    expect(idlePolls(every)).toBe(polls);
  });
});

it('a model that falls silent is read every quarter of an hour, and at each poll again once it speaks', async () => {
  const bench = createWorkbench();
  const deps = { ...bench.deps, settings: { ...bench.deps.settings, everySeconds: 300 } };
  const minuteNow = Math.floor((opening - Date.UTC(2026, 10, 10)) / minuteMs);
  const silentFrom = minuteNow - 4 * 60;
  const speaksFrom = minuteNow + 62;
  const values = steady(calm).values.map((value, minute) =>
    minute >= silentFrom && minute < speaksFrom ? 0 : value,
  );
  const world = [steady(busy), { ...steady(calm), values }];
  const cloud = createScriptedCloud(bench.clock, world, () => listed({ 'us-east-1': world }));
  const source = runSource({ ...bench, deps }, cloud.collector);
  await bench.clock.advance(150 * minuteMs);
  const reads = (model: string) =>
    cloud.asked
      .filter(({ window }) => window.end - window.start < hourMs)
      .filter(({ units }) => units.some((unit) => unit.dimensions['ModelId'] === model))
      .map(({ at }) => Math.round((at - opening) / minuteMs));
  expect(reads(busy)).toEqual(Array.from({ length: 31 }, (_, poll) => poll * 5));
  expect(reads(calm)).toEqual([
    0,
    15,
    30,
    45,
    60,
    75,
    80,
    85,
    90,
    ...Array.from({ length: 12 }, (_, poll) => 95 + poll * 5),
  ]);
  expect(
    cloud.asked
      .filter(({ at }) => at > opening + 20_000)
      .every(({ window }) => window.end - window.start <= hourMs),
  ).toBe(true);
  await source.stop();
});
