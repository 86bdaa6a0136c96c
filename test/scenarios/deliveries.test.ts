import { expect, onTestFinished, test } from 'vitest';
import { createDeliveryLoop } from '../../agent/alerts/deliver.ts';
import { createClock } from '../../agent/core/clock.ts';
import { silentLog } from '../../agent/core/log.ts';
import { createNotifier } from '../../exporters/webhook/index.ts';
import { messageSample } from '../support/alert-samples.ts';
import { memoryOutbox } from '../support/memory-outbox.ts';
import { startScriptedServer } from '../support/scripted-server.ts';

test('from the outbox to the receiver it takes well under five seconds, while another receiver hangs', async () => {
  const clock = createClock(() => Date.now());
  const outbox = memoryOutbox();
  let arrived: (at: number) => void = () => undefined;
  const arrival = new Promise<number>((resolve) => {
    arrived = resolve;
  });
  const quick = await startScriptedServer([
    () => {
      arrived(Date.now());
      return { status: 202 };
    },
  ]);
  const slow = await startScriptedServer([() => 'hang']);
  const notifiers = Object.entries({ quick, slow }).map(([name, { url }]) =>
    createNotifier(
      { name, type: 'webhook', url: { reveal: () => url } },
      { version: '1.2.3', publicUrl: null, env: {} },
    ),
  );
  const stop = new AbortController();
  const loop = createDeliveryLoop({
    clock,
    log: silentLog,
    random: Math.random,
    outbox,
    put: (messages, at) => outbox.put(messages, at),
    notifiers,
    link: null,
  });
  const running = loop.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    await Promise.all([...notifiers, quick, slow].map((one) => one.close()));
  });

  for (let n = 0; n < 20; n += 1) {
    outbox.put([messageSample({ id: `s${n}`, group: `g${n}`, notifier: 'slow' })], clock.now());
  }
  loop.wake();
  const put = Date.now();
  outbox.put([messageSample({ id: 'q', notifier: 'quick' })], clock.now());
  loop.wake();
  expect((await arrival) - put).toBeLessThan(2_000);
});
