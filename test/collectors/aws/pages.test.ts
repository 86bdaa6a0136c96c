import { describe, expect, it } from 'vitest';
import { pagesOf } from '../../../collectors/aws/pages.ts';
import { failureOf } from './fake-aws.ts';

interface Page {
  readonly name: string;
  readonly next?: string;
}

/** Walks a book whose first page is `first`; a token is the name of the next page. */
async function walk(book: Readonly<Record<string, string | undefined>>, limit?: number) {
  const names: string[] = [];
  const fetch = async (token: string | undefined): Promise<Page> => {
    const name = token ?? 'first';
    const next = book[name];
    return next === undefined ? { name } : { name, next };
  };
  const pages = pagesOf('cloudwatch:ListMetrics', fetch, (page) => page.next, limit);
  for await (const page of pages) names.push(page.name);
  return names;
}

describe('pagesOf', () => {
  it('takes one page without a token', async () => {
    expect(await walk({})).toEqual(['first']);
  });

  it('follows tokens to the end', async () => {
    expect(await walk({ first: 'a', a: 'b' })).toEqual(['first', 'a', 'b']);
  });

  it('takes an empty token for the end', async () => {
    expect(await walk({ first: '' })).toEqual(['first']);
  });

  it.each([
    ['a token that points to its own page', { first: 'a', a: 'a' }],
    ['tokens in a circle', { first: 'a', a: 'b', b: 'a' }],
  ])('refuses %s', async (_what, book) => {
    const failure = await failureOf(walk(book));
    expect(failure).toMatchObject({ reason: 'bad_response', operation: 'cloudwatch:ListMetrics' });
    expect(failure.message).toMatch(/same page token came back twice/);
  });

  it('refuses an answer without end', async () => {
    const endless = new Proxy<Record<string, string>>({}, { get: (_, name) => `${String(name)}x` });
    expect((await failureOf(walk(endless, 20))).message).toMatch(/more than 20 pages/);
  });

  it('takes an answer of exactly the most pages', async () => {
    expect(await walk({ first: 'a', a: 'b' }, 3)).toEqual(['first', 'a', 'b']);
  });
});
