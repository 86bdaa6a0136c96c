import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { Page } from '../../../dashboards/page/page.tsx';
import { fullReader, htmlOf, tagsOf, testPage } from './page-world.ts';

let page: Page;
beforeAll(async () => {
  page = await testPage();
});

const hostile = fc.constantFrom(
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</table></main>',
  '<!--',
  'javascript:alert(1)',
  '&lt;b&gt;',
  ']]>',
  '<\u0000svg/onload=alert(1)>',
);
const name = fc
  .oneof(
    hostile,
    fc.string({ minLength: 1, unit: 'grapheme' }),
    fc.string({ minLength: 1, unit: 'binary' }),
  )
  // A runbook is one more link where its address is one.
  .filter((text) => text.trim() !== '' && !/^https?:\/\//i.test(text));

/** Everything of a document but its words and the values of its attributes. */
function shapeOf(html: string): readonly string[] {
  return tagsOf(html).map(
    ({ name: tag, isEnd, attributes }) =>
      `${isEnd ? '/' : ''}${tag} ${[...attributes.keys()].join(' ')}`,
  );
}

it.each(['/', '/alerts', '/sources', '/explain', '/explain?model=m&at=2026-11-22T13:00:00Z'])(
  'no name from outside changes the shape of %s, or leads anywhere but into the agent',
  async (path) => {
    const plain = shapeOf(await htmlOf(page, path, fullReader('plain')));
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        const html = await htmlOf(page, path, fullReader(text));
        const links = tagsOf(html).flatMap(({ attributes }) => attributes.get('href') ?? []);
        for (const link of links) expect(link).toMatch(/^(\/(?!\/)|#|data:,$|https?:\/\/)/);
        expect(shapeOf(html)).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  },
);

it('nothing of the address gets into the page as markup', async () => {
  await fc.assert(
    fc.asyncProperty(
      name,
      fc.constantFrom('range', 'group_by', 'step', 'model', 'from', 'done', 'at', 'tag_x'),
      async (text, param) => {
        const search = new URLSearchParams({ [param]: text });
        for (const path of ['/', '/alerts', '/explain']) {
          const html = await htmlOf(page, `${path}?${search.toString()}`, fullReader('plain'));
          const scripts = tagsOf(html).filter((tag) => tag.name === 'script' && !tag.isEnd);
          expect(scripts).toHaveLength(1);
          for (const { attributes } of tagsOf(html)) {
            for (const key of attributes.keys()) expect(key).not.toMatch(/^on/);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
