import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSlots } from '../../../agent/schedule/slots.ts';

/** A piece of work that goes on until the test ends it. */
function openWork() {
  const { promise, resolve, reject } = openPromise();
  return { work: () => promise, end: resolve, fail: reject };
}

function openPromise() {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

describe('slots', () => {
  it('give back what the work gives back', async () => {
    await expect(createSlots(1).run(0, async () => 'done')).resolves.toBe('done');
  });

  it('let the highest priority go first, and who came first of two that are the same', async () => {
    const slots = createSlots(1);
    const first = openWork();
    const order: string[] = [];
    const running = [slots.run(99, first.work)];
    const waiting: readonly [string, number][] = [
      ['old', 1],
      ['new', 3],
      ['new too', 3],
      ['before the epoch', -5],
      ['middle', 2],
    ];
    for (const [name, priority] of waiting) {
      running.push(slots.run(priority, async () => void order.push(name)));
    }
    await settle();
    expect(order).toEqual([]);
    first.end();
    await Promise.all(running);
    expect(order).toEqual(['new', 'new too', 'middle', 'old', 'before the epoch']);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('rejected'))],
    [
      'throws before its promise',
      () => {
        throw new Error('thrown');
      },
    ],
  ])('are free again after work that %s, and its caller is told', async (_what, work) => {
    const slots = createSlots(1);
    await expect(slots.run(0, work)).rejects.toThrow(/rejected|thrown/);
    await expect(slots.run(0, async () => 'next')).resolves.toBe('next');
  });

  it('go to the one who waits when the one before fails', async () => {
    const slots = createSlots(1);
    const first = openWork();
    const failing = slots.run(0, first.work);
    const next = slots.run(0, async () => 'next');
    first.fail(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    await expect(next).resolves.toBe('next');
  });

  it('never hold more than their number, lose no work, and leave none idle while work waits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ priority: fc.integer(), fails: fc.boolean() }), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (count, jobs, picks) => {
          const slots = createSlots(count);
          const open: { end(): void; fail(error: Error): void; fails: boolean }[] = [];
          let finished = 0;
          const all = jobs.map(({ priority, fails }) =>
            slots
              .run(priority, () => {
                const { work, end, fail } = openWork();
                open.push({ end, fail, fails });
                return work();
              })
              .catch(() => undefined)
              .then(() => (finished += 1)),
          );
          for (let ended = 0; ended < jobs.length; ended += 1) {
            await settle();
            expect(open.length).toBe(Math.min(count, jobs.length - ended));
            const [one] = open.splice((picks[ended] ?? 0) % open.length, 1);
            if (one?.fails === true) one.fail(new Error('broken'));
            else one?.end();
          }
          await Promise.all(all);
          expect(finished).toBe(jobs.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
