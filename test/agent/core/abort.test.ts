import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { abortWith } from '../../../agent/core/abort.ts';

it('aborts with the other signal, for its reason', () => {
  const outer = new AbortController();
  const inner = new AbortController();
  abortWith(outer.signal, inner);
  expect(inner.signal.aborted).toBe(false);
  outer.abort('enough');
  expect(inner.signal.reason).toBe('enough');
});

it('aborts at once with a signal that has aborted', () => {
  const outer = new AbortController();
  outer.abort('before');
  const inner = new AbortController();
  abortWith(outer.signal, inner);
  expect(inner.signal.reason).toBe('before');
});

it('leaves nothing at the other signal once it is ended, however often', () => {
  const outer = new AbortController();
  for (let n = 0; n < 100; n += 1) {
    const inner = new AbortController();
    const end = abortWith(outer.signal, inner);
    inner.abort();
    end();
  }
  expect(getEventListeners(outer.signal, 'abort')).toEqual([]);
  expect(outer.signal.aborted).toBe(false);
});
