import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { rereadAfter, rereadMsOf, rereadWindows, shareOf } from '../../../agent/schedule/reread.ts';
import { day0 } from '../../support/ledger-world.ts';
import { createWorkbench, opening, runSource } from './running.ts';
import type { Workbench } from './running.ts';
import { createScriptedCloud, listed, steady, targetIn } from './scripted-cloud.ts';

const model = 'openai.gpt-oss-120b-1:0';
const target = targetIn('us-east-1', [steady(model), steady(model, 'out')]);
const settings = {
  overlapSeconds: 1_800,
  backfillSeconds: 86_400,
  minuteRetentionSeconds: 15 * 86_400,
};

describe('the moment of the next re-read', () => {
  it('comes half a cycle after the last at the earliest and one and a half at the latest', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 2e12 }), (id, last) => {
        const wait = rereadAfter({ ...target, id }, last, settings) - last;
        expect(wait).toBeGreaterThanOrEqual(3 * hourMs);
        expect(wait).toBeLessThan(9 * hourMs);
      }),
    );
  });

  it('is the same moment of each cycle for one target', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 2e12 }), (id, last) => {
        const one = rereadAfter({ ...target, id }, last, settings);
        expect(rereadAfter({ ...target, id }, one, settings) - one).toBe(rereadMsOf(settings));
      }),
    );
  });

  it('spreads the targets of an account over the cycle', () => {
    const shares = Array.from({ length: 300 }, (_, n) =>
      shareOf(`prod/11112222${3_000 + n}/us-east-1/AWS/Bedrock`),
    );
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const here = shares.filter((share) => Math.floor(share * 10) === tenth);
      expect(here.length).toBeGreaterThan(10);
      expect(here.length).toBeLessThan(60);
    }
  });
});

describe('what is read again', () => {
  it('is the last day behind the overlap and a cycle more, every unit, in one request', () => {
    expect(rereadWindows(target, opening, settings)).toEqual([
      {
        window: {
          start: opening - 10_000 - dayMs - 6 * hourMs - minuteMs,
          end: opening - 10_000 - 31 * minuteMs,
        },
        periodSeconds: 60,
        units: target.units,
      },
    ]);
  });

  it('is not what the ledger is about to give up', () => {
    const short = { ...settings, minuteRetentionSeconds: 3 * 3_600 };
    const [only] = rereadWindows(target, opening, short);
    expect(only?.window.start).toBeGreaterThanOrEqual(opening - 3 * hourMs + 10 * minuteMs);
    expect(rereadWindows(target, opening, { ...settings, minuteRetentionSeconds: 1_800 })).toEqual(
      [],
    );
  });
});

/** Ten days of minutes that a test may restate. */
function restatable() {
  const values = Array.from({ length: 10 * 24 * 60 }, () => 1);
  return { values, series: { rowId: 'in', dimensions: { ModelId: model }, values } };
}

async function tokensAt({ ledger }: Workbench, minute: number): Promise<number | null | undefined> {
  const [row] = await ledger.amounts({
    grain: 'minute',
    identityIds: (await ledger.identities()).map(({ id }) => id),
    window: { start: minute, end: minute + minuteMs },
    bucketMs: minuteMs,
  });
  return row === undefined ? undefined : (row.input ?? row.unsplitInput);
}

function bench(rereadSeconds: number) {
  const made = createWorkbench();
  const changed = { ...made.deps.settings, everySeconds: 300, rereadSeconds };
  return { ...made, deps: { ...made.deps, settings: changed } };
}

it('a value that the cloud restates twenty hours later ends in the ledger', async () => {
  const world = restatable();
  const made = bench(3_600);
  const cloud = createScriptedCloud(made.clock, [world.series], () =>
    listed({ 'us-east-1': [world.series] }),
  );
  const source = runSource(made, cloud.collector);
  await made.clock.advance(10 * minuteMs);
  const minute = Math.floor((opening - 20 * hourMs) / minuteMs) * minuteMs;
  expect(await tokensAt(made, minute)).toBe(1);
  world.values[(minute - day0) / minuteMs] = 7;
  await made.clock.advance(20 * minuteMs);
  expect(await tokensAt(made, minute)).toBe(1);
  await made.clock.advance(80 * minuteMs);
  expect(await tokensAt(made, minute)).toBe(7);
  await source.stop();
});

it('is not repeated by a restart, and comes after newest minutes and gaps', async () => {
  const world = restatable();
  const made = bench(3_600);
  const cloud = createScriptedCloud(made.clock, [world.series], () =>
    listed({ 'us-east-1': [world.series] }),
  );
  const isReread = ({ window }: { window: { start: number; end: number } }) =>
    window.end - window.start > 20 * hourMs;
  const day = createScriptedCloud(made.clock, [world.series], cloud.listing);
  const keepOpen = { ...made, ledger: { ...made.ledger, close: () => undefined } };
  const source = runSource(keepOpen, cloud.collector);
  await made.clock.advance(100 * minuteMs);
  expect(cloud.asked.filter(isReread).length).toBeGreaterThan(0);
  expect(cloud.asked.slice(0, 3).some(isReread)).toBe(false);
  await source.stop();
  const again = runSource(made, day.collector);
  await made.clock.advance(20 * minuteMs);
  expect(day.asked.length).toBeGreaterThan(3);
  expect(day.asked.filter(isReread)).toEqual([]);
  await again.stop();
});
