import { expect, test } from 'vitest';
import { alertmanagerBody, alertsUrl } from '../../../exporters/webhook/alertmanager.ts';
import { alertSample, alertsNow as now, messageSample } from '../../support/alert-samples.ts';
import { channel, never, receiver, said } from './channel-world.ts';

const parsed = (...args: Parameters<typeof alertmanagerBody>) =>
  JSON.parse(alertmanagerBody(...args).body);

test('alerts go as Alertmanager’s API takes them', async () => {
  const body = JSON.stringify(parsed(messageSample()), null, 2);
  await expect(`${body}\n`).toMatchFileSnapshot('../../fixtures/webhook/alertmanager.json');
});

test.each([
  ['a budget’s alert ends with its period', {}, '2026-12-01T00:00:00.000Z'],
  ['a rule’s in thirty days, if nobody says more', { period: null }, '2026-12-23T12:00:00.000Z'],
  [
    'one that is over when it ended',
    { state: 'resolved', endedAt: now - 1_000 },
    '2026-11-23T11:59:59.000Z',
  ],
  [
    'one that ended before it fired, never before its start',
    { state: 'corrected', endedAt: 0 },
    '2026-11-23T11:00:00.000Z',
  ],
  [
    'one whose period ends in an hour, in a day',
    { period: { start: 0, end: now + 3_600_000 } },
    '2026-11-24T12:00:00.000Z',
  ],
] as const)('%s', (_, change, endsAt) => {
  expect(parsed(messageSample({ alerts: [alertSample(change)] }))).toMatchObject([{ endsAt }]);
});

test('a test ends a minute later', () => {
  expect(parsed(messageSample({ type: 'alert.test' }))).toMatchObject([
    { endsAt: '2026-11-23T12:01:00.000Z' },
  ]);
});

test('names are such as every version takes, and empty values are left out', () => {
  const labels = { 'tag.cost center': 'x', '2nd': 'y', region: '' };
  expect(parsed(messageSample({ alerts: [alertSample({ labels })] }))[0].labels).toEqual({
    alertname: 'search-monthly',
    tag_cost_center: 'x',
    _2nd: 'y',
  });
});

test.each([
  ['http://am:9093', 'http://am:9093/api/v2/alerts'],
  ['http://am:9093/prefix/', 'http://am:9093/prefix/api/v2/alerts'],
  ['http://am:9093/api/v2/alerts', 'http://am:9093/api/v2/alerts'],
])('of %s the API is at %s', (base, url) => {
  expect(alertsUrl(base)).toBe(url);
});

test('more alerts than a request takes go in several, each of them once', async () => {
  const { url, requests } = await receiver(() => ({}));
  const alerts = Array.from({ length: 300 }, (_, n) =>
    alertSample({ labels: { n: String(n) }, annotations: { description: 'x'.repeat(1_900) } }),
  );
  const notifier = channel({ name: 'am', type: 'alertmanager', url: said(url) });
  expect(await notifier.send(messageSample({ alerts }), now, never)).toMatchObject({
    result: 'delivered',
  });
  expect(requests.length).toBeGreaterThan(1);
  const came = requests.flatMap(({ body }) => JSON.parse(body));
  expect(came.map(({ labels }) => Number(labels.n))).toEqual(alerts.map((_, n) => n));
});
