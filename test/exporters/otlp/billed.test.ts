import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BillLine, BillStatement } from '../../../agent/core/bill.ts';
import type { Ledger } from '../../../agent/core/store.ts';
import { dayMs, hourMs, minuteMs } from '../../../agent/core/time.ts';
import { createPump } from '../../../agent/export/pump.ts';
import { createInterpretation } from '../../../agent/normalize/interpret.ts';
import { createMetricsExporter } from '../../../exporters/otlp/metrics.ts';
import { openLedger } from '../../../exporters/sqlite/ledger.ts';
import { billLine, billStatement, november } from '../../support/bill-world.ts';
import { eventually } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { pointsOf, startMetricsReceiver } from '../../support/otlp-metrics-receiver.ts';
import type { ReceivedRequest, ReceiverReply } from '../../support/otlp-metrics-receiver.ts';
import { recordedLog } from '../../support/recorded-log.ts';

const name = 'otlp test';
const metric = 'crossbill.cost.billed.usd';
let ledger: Ledger;
beforeEach(() => {
  const switches = { openaiInputIncludesCached: true, bedrockInvocations: 'accepted' } as const;
  ledger = openLedger(':memory:', createInterpretation(new Map(), switches), november(1));
});

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(close.splice(0).map((end) => end()));
  ledger.close();
});

function bill(lines: readonly Partial<BillLine>[], change: Partial<BillStatement> = {}): void {
  ledger.recordBill(billStatement({ lines: lines.map(billLine), ...change }));
}

/** A pump from the ledger to a back end that answers as it is told to. */
async function telling(reply: (request: ReceivedRequest) => ReceiverReply = () => ({})) {
  const receiver = await startMetricsReceiver(reply);
  const clock = createFakeClock(november(6));
  const log = recordedLog();
  const feed = ledger.openFeed(name, november(1));
  const exporter = createMetricsExporter({
    endpoint: receiver.url,
    headers: () => ({}),
    protocol: 'http/json',
    temporality: 'cumulative',
    serviceVersion: '1.2.3',
    feed,
    now: () => clock.now(),
    log,
  });
  const billed = ledger.openBilledFeed(name);
  const pump = createPump({ clock, log, feed, billed, exporter, random: () => 0.5 });
  const stop = new AbortController();
  const running = pump.run(stop.signal);
  close.push(async () => {
    stop.abort();
    await running;
    await receiver.close();
  });
  /** A back end answers when it does, so time goes on until it has. */
  const until = (condition: () => boolean) =>
    eventually(async () => {
      await clock.advance(minuteMs);
      return condition();
    });
  return { receiver, clock, log, pump, until };
}

test('a billed day arrives as a gauge from its start to its end, with whose it is', async () => {
  bill([{ cost: '0.1' }, { cost: '0.2' }]);
  const { receiver, until } = await telling();
  await until(() => receiver.points().length > 0);
  expect(receiver.points()).toEqual([
    {
      metric,
      unit: '{USD}',
      kind: 'gauge',
      resource: {
        'service.name': 'crossbill',
        'service.version': '1.2.3',
        'cloud.provider': 'aws',
        'cloud.account.id': '111122223333',
        'cloud.region': 'us-east-1',
      },
      attributes: {
        'crossbill.record_type': 'usage',
        'crossbill.service': 'Amazon Bedrock',
        'crossbill.model': 'openai/gpt-5.6-sol',
        'crossbill.token_type': 'input',
        'crossbill.routing': 'global',
        'crossbill.tier': 'standard',
      },
      start: november(3),
      end: november(3) + dayMs,
      value: 0.3,
    },
  ]);
});

test('what was billed during an outage arrives once when it is over, as the bill is by then', async () => {
  // It is up again by the time that there is a second day.
  const { receiver, clock, pump, until } = await telling(({ body }) => ({
    status: pointsOf(body.toString()).length < 2 ? 503 : 200,
  }));
  bill([{}]);
  await until(() => pump.status().failures > 0);
  bill([{ cost: '26' }, { day: november(4), cost: '-1.5', recordType: 'credit' }], {
    fetchedAt: november(6) + hourMs,
  });
  await until(() => receiver.points().length > 0);
  await clock.advance(hourMs);
  expect(receiver.points().map(({ start, value }) => [start, value])).toEqual([
    [november(3), 26],
    [november(4), -1.5],
  ]);
  expect(pump.status()).toMatchObject({ points: 2, rejected: 0, failingSince: null });
});

test('a day that a later bill changes is said again, alone, for the same time', async () => {
  bill([{}, { day: november(4), cost: '7' }]);
  const { receiver, until } = await telling();
  await until(() => receiver.points().length === 2);
  bill([{}, { day: november(4), cost: '7.25' }], { fetchedAt: november(7) });
  await until(() => receiver.points().length > 2);
  expect(receiver.points().slice(2)).toMatchObject([
    { start: november(4), end: november(5), value: 7.25 },
  ]);
});

test('what a back end would not have is counted and told, and not sent again', async () => {
  bill([{}]);
  const { receiver, clock, log, pump, until } = await telling(() => ({
    status: 400,
    body: '{"message":"duplicate sample for timestamp"}',
  }));
  await until(() => pump.status().rejected > 0);
  await clock.advance(hourMs);
  expect(receiver.requests).toHaveLength(1);
  expect(pump.status()).toMatchObject({ points: 1, rejected: 1, failures: 0 });
  expect(log.lines.map(({ message }) => message)).toEqual(['an exporter did not take all points']);
});

test('amounts that are no dollars are left out, which the log says once', async () => {
  bill([{ currency: 'EUR' }, { day: november(4) }]);
  const { receiver, clock, log, until } = await telling();
  await until(() => receiver.points().length > 0);
  await clock.advance(hourMs);
  expect(receiver.points().map(({ start }) => start)).toEqual([november(4)]);
  expect(log.lines.map(({ message, fields }) => [message, fields['currencies']])).toEqual([
    ['billed amounts that are no dollars are not exported', 'EUR'],
  ]);
});
