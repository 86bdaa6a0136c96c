import { expect, test } from 'vitest';
import { webhookBody } from '../../../exporters/webhook/webhook.ts';
import { alertSample, alertsNow as now, messageSample } from '../../support/alert-samples.ts';
import { channel, never, receiver, said } from './channel-world.ts';

const publicUrl = 'https://crossbill.example.com';
const parsed = (...args: Parameters<typeof webhookBody>) => JSON.parse(webhookBody(...args));

test('the body is Alertmanager’s, with type, timestamp and figures beside it', async () => {
  const body = JSON.stringify(parsed(messageSample(), publicUrl), null, 2);
  await expect(`${body}\n`).toMatchFileSnapshot('../../fixtures/webhook/webhook-firing.json');
});

test('a message is resolved when all of it is; what was corrected is resolved to who knows only the two', () => {
  const over = alertSample({ state: 'corrected', endedAt: now });
  expect(parsed(messageSample({ type: 'alert.corrected', alerts: [over] }), null)).toMatchObject({
    type: 'alert.corrected',
    status: 'resolved',
    externalURL: '',
    alerts: [
      { status: 'resolved', endsAt: '2026-11-23T12:00:00.000Z', crossbill: { state: 'corrected' } },
    ],
  });
  const both = parsed(messageSample({ alerts: [over, alertSample()] }), null);
  expect(both).toMatchObject({ status: 'firing', alerts: [{ status: 'resolved' }, {}] });
});

test('what all alerts say alike is common to them', () => {
  const one = alertSample({ labels: { alertname: 'a', team: 'x' }, annotations: { summary: 's' } });
  const two = alertSample({ labels: { alertname: 'a', team: 'y' }, annotations: { summary: 's' } });
  expect(parsed(messageSample({ alerts: [one, two] }), null)).toMatchObject({
    commonLabels: { alertname: 'a' },
    commonAnnotations: { summary: 's' },
    groupLabels: { alertname: 'a' },
    truncatedAlerts: 0,
  });
  expect(parsed(messageSample({ alerts: [] }), null)).toMatchObject({
    status: 'firing',
    groupLabels: {},
    alerts: [],
  });
});

test('more than 256 KB are cut by whole alerts, which are counted', () => {
  const long = { description: 'x'.repeat(1_900) };
  const alerts = Array.from({ length: 500 }, () => alertSample({ annotations: long }));
  const text = webhookBody(messageSample({ alerts }), null);
  const body = JSON.parse(text);
  expect(text.length).toBeLessThanOrEqual(256 * 1_024);
  expect(text.length).toBeGreaterThan(250 * 1_024);
  expect(body.alerts.length + body.truncatedAlerts).toBe(500);
});

test('one text without end is cut, and the alert stays', () => {
  const huge = alertSample({ annotations: { description: 'é'.repeat(1_000_000) } });
  const body = parsed(messageSample({ alerts: [huge] }), null);
  expect(body).toMatchObject({ truncatedAlerts: 0, alerts: [{ fingerprint: huge.fingerprint }] });
});

test('tried again the body and the id are the same, and the time of the attempt is signed anew', async () => {
  const { url, requests } = await receiver(() => ({ status: 500 }));
  const signed = channel({ name: 'finops', type: 'webhook', url: said(url), secret: said('a b') });
  await signed.send(messageSample(), now, never);
  await signed.send(messageSample(), now + 5_000, never);
  const [first, second] = requests;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(second?.headers['webhook-timestamp']).toBe(String(now / 1_000 + 5));
  expect(second?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
});
