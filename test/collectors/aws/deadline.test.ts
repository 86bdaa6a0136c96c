import { describe, expect, it } from 'vitest';
import { withDeadline } from '../../../collectors/aws/deadline.ts';

const forever = () => new Promise<never>(() => {});

describe('withDeadline', () => {
  it('gives what the call gives', async () => {
    const answer = await withDeadline(new AbortController().signal, 1_000, async () => 7);
    expect(answer).toBe(7);
  });

  it('throws what the call throws', async () => {
    const broken = withDeadline(new AbortController().signal, 1_000, async () => {
      throw new Error('broken');
    });
    await expect(broken).rejects.toThrow('broken');
  });

  it('ends a call that does not listen, in time', async () => {
    const late = withDeadline(new AbortController().signal, 20, forever);
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('ends it when the caller stops, and tells the call', async () => {
    const stop = new AbortController();
    const told: AbortSignal[] = [];
    const stopped = withDeadline(stop.signal, 60_000, (signal) => {
      told.push(signal);
      return forever();
    });
    stop.abort(new Error('shutting down'));
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(told.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('does not wait for a call of a caller who stopped before', async () => {
    const stopped = withDeadline(AbortSignal.abort(), 60_000, forever);
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});
