import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseStory } from '../support/alert-story.ts';
import { openStage } from '../support/alert-stage.ts';

const folder = fileURLToPath(new URL('alerts/', import.meta.url));
const stories = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({ file, story: parseStory(readFileSync(join(folder, file), 'utf8')) }));

test('there are scenarios', () => {
  expect(stories.length).toBeGreaterThanOrEqual(15);
});

test.each(stories)('$file: $story.title', async ({ story }) => {
  const place = mkdtempSync(join(tmpdir(), 'crossbill-alerts-'));
  const stage = openStage(story, join(place, 'ledger.db'));
  try {
    for (const [index, chapter] of story.chapters.entries()) {
      const { told, is } = await stage.play(chapter);
      const where = `chapter ${index + 1}`;
      expect({ where, told: byNotifier(told) }).toEqual({ where, told: byNotifier(chapter.told) });
      expect({ where, is }).toMatchObject({ where, is: chapter.is });
    }
  } finally {
    stage.close();
    rmSync(place, { recursive: true });
  }
});

/** What each is told keeps its order; who is told first does not matter. */
function byNotifier(lines: readonly string[]): readonly string[] {
  const of = (line: string) => line.split(':')[0] ?? '';
  return lines.toSorted((a, b) => of(a).localeCompare(of(b)));
}
