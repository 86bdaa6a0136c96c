import { expect, it } from 'vitest';
import type { CollectRequest } from '../../../agent/core/collector.ts';
import { predictDay } from '../../../agent/schedule/predict.ts';
import { createWorkbench } from './running.ts';
import { createScriptedCloud, listed, steady, targetIn } from './scripted-cloud.ts';

const world = ['a', 'b', 'c'].map((model) => steady(model));
const east = targetIn('us-east-1', world);
const west = targetIn('us-west-2', world.slice(1));
const { clock } = createWorkbench();
const { collector } = createScriptedCloud(clock, world, () => listed({}));
const settings = {
  everySeconds: 300,
  overlapSeconds: 1_800,
  backfillSeconds: 86_400,
  minuteRetentionSeconds: 15 * 86_400,
  discoverySeconds: 900,
};

it('counts every poll and re-read of every unit, and every listing, by target and together', () => {
  expect(predictDay(collector, [east, west], settings)).toEqual({
    callsPerDay: 2 * (288 + 4) + 96,
    costNanoUsdPerDay: (5n * (288n + 4n) + 96n) * 10_000n,
    listings: { callsPerDay: 96, costNanoUsdPerDay: 960_000n },
    perTarget: [
      {
        target: east.id,
        callsPerPoll: 1,
        costNanoUsdPerPoll: 30_000n,
        callsPerDay: 292,
        costNanoUsdPerDay: 8_760_000n,
      },
      {
        target: west.id,
        callsPerPoll: 1,
        costNanoUsdPerPoll: 20_000n,
        callsPerDay: 292,
        costNanoUsdPerDay: 5_840_000n,
      },
    ],
  });
});

it('of a target without units is nothing but its listings', () => {
  const nothing = predictDay(collector, [{ ...east, units: [] }], settings);
  expect(nothing.perTarget[0]?.costNanoUsdPerDay).toBe(0n);
  expect(nothing.costNanoUsdPerDay).toBe(960_000n);
});

it('rounds up where a day is no whole number of polls', () => {
  const odd = { ...settings, everySeconds: 7_000, discoverySeconds: 7_000 };
  const { perTarget, callsPerDay } = predictDay(collector, [west], odd);
  const polls = 86_400 / 7_000;
  expect(perTarget[0]?.callsPerDay).toBe(Math.ceil(polls + 4));
  expect(callsPerDay).toBe(Math.ceil(polls + 4) + Math.ceil(polls));
  expect(Number(perTarget[0]?.costNanoUsdPerDay)).toBeGreaterThanOrEqual((polls + 4) * 20_000);
});

it('asks the collector for the windows that are read, and for no other', () => {
  const asked: CollectRequest[] = [];
  const spying = {
    ...collector,
    price: (request: CollectRequest) => {
      asked.push(request);
      return collector.price(request);
    },
  };
  predictDay(spying, [east], settings);
  const minutes = asked.map(({ window }) => (window.end - window.start) / 60_000);
  expect(minutes).toEqual([30, 30 * 60 - 30]);
});
