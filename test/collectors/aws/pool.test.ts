import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapPooled } from '../../../collectors/aws/pool.ts';

describe('mapPooled', () => {
  it('gives results in the order of the items, whatever order they end in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 5 }),
        async (scheduler, items, width) => {
          const done = mapPooled(items, width, (item) =>
            scheduler.schedule(Promise.resolve(item * 2)),
          );
          await scheduler.waitFor(done);
          expect(await done).toEqual(items.map((item) => item * 2));
        },
      ),
    );
  });

  it('never runs more than the width at once', async () => {
    let running = 0;
    let most = 0;
    await mapPooled([1, 2, 3, 4, 5], 2, async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    });
    expect(most).toBe(2);
  });

  it('starts nothing after a failure, waits for what runs, and throws the first', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const attempt = mapPooled([1, 2, 3, 4], 2, async (item) => {
      started.push(item);
      if (item === 1) throw new Error('first');
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      ended.push(item);
    });
    await expect(attempt).rejects.toThrow('first');
    expect([started, ended]).toEqual([[1, 2], [2]]);
  });
});
