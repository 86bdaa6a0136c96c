import { expect, test } from 'vitest';
import { eventsOf, severityOf } from '../../../exporters/webhook/pagerduty.ts';
import { alertSample, alertsNow as now, messageSample } from '../../support/alert-samples.ts';
import { channel, never, receiver, said } from './channel-world.ts';

const bodies = (...args: Parameters<typeof eventsOf>) =>
  eventsOf(...args).map(({ body }) => JSON.parse(body));

test('an alert that fires triggers one event under its fingerprint', async () => {
  const [event] = bodies(messageSample(), 'KEY', 'https://crossbill.example.com');
  const text = `${JSON.stringify(event, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../fixtures/webhook/pagerduty-trigger.json');
});

test.each([
  ['resolved', 'alert.resolved'],
  ['corrected', 'alert.corrected'],
] as const)('an alert that is %s resolves it', (state, type) => {
  const alert = alertSample({ state, endedAt: now });
  expect(bodies(messageSample({ type, alerts: [alert] }), 'KEY', null)).toEqual([
    { routing_key: 'KEY', event_action: 'resolve', dedup_key: alert.fingerprint },
  ]);
});

test('a test is triggered and resolved at once; a heartbeat makes no incident', () => {
  const actions = bodies(messageSample({ type: 'alert.test' }), 'KEY', null).map(
    ({ event_action: action }) => action,
  );
  expect(actions).toEqual(['trigger', 'resolve']);
  expect(eventsOf(messageSample({ type: 'alert.heartbeat' }), 'KEY', null)).toEqual([]);
});

test.each([
  ['page', 'critical'],
  ['critical', 'critical'],
  ['error', 'error'],
  ['warning', 'warning'],
  ['info', 'info'],
  ['constructor', 'warning'],
  [undefined, 'warning'],
])('severity %s is %s to PagerDuty', (label, severity) => {
  expect(severityOf(label)).toBe(severity);
});

const three = messageSample({
  alerts: ['a', 'b', 'c'].map((fingerprint) => alertSample({ fingerprint })),
});

/** Answers each event as told by its key and how often it came. */
async function pager(statusOf: (key: string, time: number) => number) {
  const times = new Map<string, number>();
  const server = await receiver(({ body }) => {
    const { dedup_key: key } = JSON.parse(body);
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    return { status: statusOf(key, time) };
  });
  const notifier = channel({
    name: 'oncall',
    type: 'pagerduty',
    routingKey: said('KEY'),
    url: said(server.url),
  });
  return { notifier, came: () => Object.fromEntries(times) };
}

test('tried again only what PagerDuty has not is sent', async () => {
  const { notifier, came } = await pager((key, time) => (key === 'b' && time === 1 ? 429 : 202));
  expect(await notifier.send(three, now, never)).toMatchObject({ result: 'retry', status: 429 });
  expect(came()).toEqual({ a: 1, b: 1 });
  expect(await notifier.send(three, now, never)).toMatchObject({ result: 'delivered' });
  expect(came()).toEqual({ a: 1, b: 2, c: 1 });
});

test('one event that is refused keeps no other from going, and is what the message ends with', async () => {
  const { notifier, came } = await pager((key) => (key === 'a' ? 400 : 202));
  expect(await notifier.send(three, now, never)).toMatchObject({ result: 'refused', status: 400 });
  expect(came()).toEqual({ a: 1, b: 1, c: 1 });
});
