import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { withDeadline } from '../../../agent/core/deadline.ts';
import { azureSources, rejection, requestOf } from '../../support/azure-source.ts';

const sources = azureSources();
afterEach(() => sources.close());

/** Runs the garbage collector as often as a busy process does. */
function collectGarbage(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = z.function().parse(runInNewContext('gc'));
  const timer = setInterval(() => void gc(), 5);
  return () => clearInterval(timer);
}

test('a call that hangs ends in time, however often garbage is collected meanwhile', async () => {
  const { collector } = await sources.start(() => ({ trouble: 'hang' }), { timeoutMs: 200 });
  const stop = collectGarbage();
  const asked = collector.collect(requestOf(['ModelRequests']), new AbortController().signal);
  expect(await rejection(asked)).toMatchObject({ reason: 'timeout' });
  stop();
}, 10_000);

test('a call ends with the signal around it, for its reason', async () => {
  const outer = new AbortController();
  const waiting = withDeadline(outer.signal, 60_000, () => new Promise<never>(() => undefined));
  outer.abort(new Error('stopped'));
  expect(await rejection(waiting)).toEqual(new Error('stopped'));
});
