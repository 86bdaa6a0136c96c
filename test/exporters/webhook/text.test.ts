import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textOf, titleOf } from '../../../exporters/webhook/text.ts';
import { alertSample, alertsNow as now, messageSample } from '../../support/alert-samples.ts';

test('a firing alert says what, who drives it, how sure it is, since when, and where to look', () => {
  const message = messageSample();
  expect(titleOf(message)).toBe(
    'FIRING: search-monthly: $455 of $500 (91%), forecast $610 by 30 Nov',
  );
  expect(textOf(alertSample(), message)).toEqual({
    headline: 'search-monthly: $455 of $500 (91%), forecast $610 by 30 Nov',
    lines: [
      'driver gpt-5/chat-eu +$120 since Tue (volume)',
      'Now $455, threshold $450 (provisional: some of it may still change at the cloud)',
      'severity: page, team: search, model: openai/gpt-5',
      'Firing since 2026-11-23 11:00 UTC; the period ends 2026-12-01 00:00 UTC',
    ],
    links: [
      { title: 'Open in Crossbill', url: 'https://crossbill.example.com/alerts' },
      { title: 'Runbook', url: 'https://wiki.example.com/budgets' },
    ],
  });
});

test.each([
  ['alert.resolved', 'RESOLVED: '],
  ['alert.corrected', 'CORRECTED: '],
  ['alert.repeated', 'STILL FIRING: '],
  ['alert.test', 'TEST: '],
] as const)('a message of %s begins with %s', (type, start) => {
  expect(titleOf(messageSample({ type })).startsWith(start)).toBe(true);
});

test('what ended says when, and a correction why', () => {
  const alert = alertSample({ state: 'corrected', endedAt: now });
  const { lines } = textOf(alert, messageSample({ type: 'alert.corrected' }));
  expect(lines).toContain('It fired on figures that were restated below the threshold since.');
  expect(lines).toContain('Fired 2026-11-23 11:00 UTC, corrected 2026-11-23 12:00 UTC');
});

test('several alerts are counted by name, and one without a summary is told by its figures', () => {
  const alert = alertSample({ annotations: {} });
  expect(titleOf(messageSample({ alerts: [alert, alert] }))).toBe('FIRING (2): search-monthly');
  expect(titleOf(messageSample({ alerts: [alert] }))).toBe(
    'FIRING: search-monthly: now $455, threshold $450',
  );
});

test.each(['javascript:alert(1)', 'file:///etc/passwd', 'not a url'])(
  'a link to %s is none',
  (link) => {
    const alert = alertSample({ annotations: { runbook_url: link, link } });
    expect(textOf(alert, messageSample()).links).toEqual([]);
  },
);

test.each(['=HYPERLINK("http://x")', '+1', '-1', '@here'])(
  'a name %s is no formula where a message is pasted',
  (name) => {
    const alert = alertSample({ labels: { model: name }, annotations: { summary: name } });
    const { headline, lines } = textOf(alert, messageSample());
    expect(headline).toBe(`'${name}`);
    expect(lines).toContain(`model: '${name}`);
  },
);

test('whatever a name holds, a line stays one line without control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const alert = alertSample({ name, labels: { team: name }, annotations: { summary: name } });
      const { headline, lines } = textOf(alert, messageSample({ alerts: [alert] }));
      for (const line of [headline, ...lines, titleOf(messageSample({ alerts: [alert] }))]) {
        expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }
    }),
  );
});
