import { expect, test } from 'vitest';
import { teamsBody } from '../../../exporters/webhook/teams.ts';
import { alertSample, messageSample } from '../../support/alert-samples.ts';

test('a message is one Adaptive Card', async () => {
  const body = JSON.stringify(JSON.parse(teamsBody(messageSample())), null, 2);
  await expect(`${body}\n`).toMatchFileSnapshot('../../fixtures/webhook/teams.json');
});

test('texts are runs only, of which no client reads Markdown, and nobody is mentioned', () => {
  const name = '[click](http://x) **b** <at>all</at>';
  const alert = alertSample({ annotations: { summary: name } });
  const { content } = JSON.parse(teamsBody(messageSample({ alerts: [alert] }))).attachments[0];
  const kinds = content.body.map(({ type }: { type: string }) => type);
  expect(new Set(kinds)).toEqual(new Set(['RichTextBlock']));
  expect(content.msteams).not.toHaveProperty('entities');
  expect(content.body[0].inlines[0].text).toBe(`FIRING: ${name}`);
});

test('a card stays below what Teams takes, and says how many alerts it does not show', () => {
  const alerts = Array.from({ length: 300 }, (_, n) => alertSample({ name: `é${n}` }));
  const body = teamsBody(messageSample({ alerts }));
  expect(Buffer.byteLength(body)).toBeLessThan(28_000);
  const [{ content }] = JSON.parse(body).attachments;
  expect(content.body.at(-1).inlines[0].text).toMatch(/^and \d+ more$/);
  expect(content.actions.length).toBeLessThanOrEqual(6);
});
