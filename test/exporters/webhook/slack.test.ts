import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeSlack, slackBody } from '../../../exporters/webhook/slack.ts';
import { alertSample, messageSample } from '../../support/alert-samples.ts';

test('a message is blocks, and a text for who shows no blocks', async () => {
  const body = JSON.stringify(JSON.parse(slackBody(messageSample())), null, 2);
  await expect(`${body}\n`).toMatchFileSnapshot('../../fixtures/webhook/slack.json');
});

test('no name pings anybody, makes a link or an entity', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'<>&!@#|*_~`a '.split('')) }), (name) => {
      const escaped = escapeSlack(name);
      expect(escaped).not.toMatch(/[<>]/);
      expect(escaped.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&');
      const read = escaped
        .replaceAll('\u2060', '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&');
      expect(read).toBe(name);
    }),
  );
});

test.each([
  ['<!channel>', '&lt;!channel&gt;'],
  ['<@U123|boss> & <http://x|y>', '&lt;@U123|boss&gt; &amp; &lt;http://x|y&gt;'],
  ['*bold*', '\u2060*bold\u2060*'],
  ['gpt_4_mini', 'gpt_4_mini'],
])('%s is shown as it is', (text, escaped) => {
  expect(escapeSlack(text)).toBe(escaped);
});

test('a cut text is never cut within an escape', () => {
  for (let most = 1; most < 20; most += 1) {
    const cut = escapeSlack('<<<<<', most);
    expect(cut.length).toBeLessThanOrEqual(most);
    expect(cut.replaceAll('&lt;', '')).toMatch(/^…?$/);
  }
});

test('whatever is in a message, Slack’s limits hold: blocks, characters of a section and of a header', () => {
  const awful = '<'.repeat(5_000);
  const alert = alertSample({
    annotations: {
      summary: awful,
      description: awful,
      link: `https://x.example.com/${awful}`,
      runbook_url: `https://x.example.com/?a|b&${'&'.repeat(90)}`,
    },
  });
  const { blocks } = JSON.parse(
    slackBody(messageSample({ alerts: Array.from({ length: 100 }, () => alert) })),
  );
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const { type, text } of blocks) {
    expect(text.text.length).toBeLessThanOrEqual(type === 'header' ? 150 : 3_000);
  }
  expect(blocks.at(-1).text.text).toBe('and 80 more');
});
