import { describe, expect, test } from 'vitest';
import { noTracer } from '../../../agent/core/tracer.ts';

describe('without a tracer', () => {
  test('the work is done and its result comes back', async () => {
    const result = await noTracer.span('crossbill.poll', { target: 't' }, async (span) => {
      span.set({ samples: 3 });
      span.fail(new Error('told, not thrown'));
      span.end();
      return noTracer.span('crossbill.collect', {}, async () => 42);
    });
    expect(result).toBe(42);
  });

  test('the work throws what it throws', async () => {
    const thrown = new Error('denied');
    const run = noTracer.span('crossbill.poll', {}, () => Promise.reject(thrown));
    await expect(run).rejects.toBe(thrown);
  });

  test('work that throws before it returns a promise rejects too', async () => {
    const run = noTracer.span('crossbill.poll', {}, () => {
      throw new Error('at once');
    });
    await expect(run).rejects.toThrow('at once');
  });
});
