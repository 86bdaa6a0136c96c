import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../agent/core/collector.ts';
import { joinSamples, runAll } from '../../../collectors/azure/collect.ts';
import { rejection } from '../../support/azure-source.ts';

const never = new AbortController().signal;

describe('running calls beside one another', () => {
  it('gives the results in the order of the items, with no more than so many at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (turns, concurrency) => {
          let running = 0;
          let most = 0;
          const results = await runAll([...turns.keys()], concurrency, never, async (item) => {
            running += 1;
            most = Math.max(most, running);
            for (let turn = 0; turn < (turns[item] ?? 0); turn += 1) await Promise.resolve();
            running -= 1;
            return item * 10;
          });
          expect(results).toEqual([...turns.keys()].map((item) => item * 10));
          expect(most).toBeLessThanOrEqual(concurrency);
        },
      ),
    );
  });

  it('aborts the others at the first failure, starts no more, and throws that failure', async () => {
    const started: number[] = [];
    const failure = new Error('the second fails');
    const thrown = await rejection(
      runAll([0, 1, 2, 3], 2, never, async (item, signal) => {
        started.push(item);
        if (item === 1) throw failure;
        await new Promise<void>((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      }),
    );
    expect(thrown).toBe(failure);
    expect(started).toEqual([0, 1]);
  });

  it('hands the caller’s abort on', async () => {
    const stop = new AbortController();
    const seen = runAll(['one'], 2, stop.signal, (_, signal) => {
      stop.abort();
      return Promise.resolve(signal.aborted);
    });
    expect(await seen).toEqual([true]);
  });
});

function nameOf(sample: Sample): string {
  return `${sample.unitKey} ${sample.dimensions['ModelDeploymentName']} ${sample.statistic}`;
}

describe('joining the pieces of a window', () => {
  const series = fc.record({
    unit: fc.constantFrom('A[x]', 'B[x]'),
    deployment: fc.constantFrom('chat', 'Chat', 'other'),
    statistic: fc.constantFrom('Minimum', 'Maximum'),
  });

  it('keeps every point once, in order, under its own unit, dimensions and statistic', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 30 }), (all) => {
        const pieces: Sample[][] = all.map(({ unit, deployment, statistic }, at) => [
          {
            unitKey: unit,
            rowId: 'row',
            metric: unit,
            dimensions: { ModelDeploymentName: deployment },
            statistic,
            starts: [at * 60_000, at * 60_000 + 30_000],
            values: [at, -at],
          },
        ]);
        const joined = joinSamples(pieces);
        expect(new Set(joined.map(nameOf)).size).toBe(joined.length);
        for (const sample of joined) {
          const mine = pieces.flat().filter((piece) => nameOf(piece) === nameOf(sample));
          expect(sample.starts).toEqual(mine.flatMap((piece) => piece.starts));
          expect(sample.values).toEqual(mine.flatMap((piece) => piece.values));
        }
        const points = joined.reduce((sum, sample) => sum + sample.starts.length, 0);
        expect(points).toBe(all.length * 2);
      }),
    );
  });
});
