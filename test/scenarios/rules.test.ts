import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseConfig } from '../../agent/config/load.ts';
import { openRuleStage } from '../support/rule-stage.ts';
import { parseRuleStory } from '../support/rule-story.ts';

const folder = new URL('rules/', import.meta.url);
const stories = readdirSync(fileURLToPath(folder))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({ file, story: parseRuleStory(readFileSync(new URL(file, folder), 'utf8')) }));

test('there are scenarios', () => {
  expect(stories.length).toBeGreaterThanOrEqual(10);
});

test.each(stories)('$file: $story.title', async ({ story }) => {
  const stage = openRuleStage(story, rulesOf(story.rules));
  for (const [index, chapter] of story.chapters.entries()) {
    const { told, is, summary } = await stage.play(chapter);
    const where = `chapter ${index + 1}`;
    expect({ where, told }).toEqual({ where, told: chapter.told });
    expect({ where, is }).toEqual({ where, is: chapter.is });
    expect(summary).toContain(chapter.says ?? '');
  }
});

/** As the configuration reads them. */
function rulesOf(rules: readonly unknown[]) {
  const text = JSON.stringify({
    sources: [{ name: 'prod-aws', type: 'aws' }],
    notifiers: [{ name: 'oncall', type: 'slack', url: 'https://hooks.example.com/1' }],
    rules,
  });
  return parseConfig(text, { file: 'story.yaml', env: {} }).config.rules;
}
