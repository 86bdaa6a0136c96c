import { ExternalError } from '../../agent/core/errors.ts';

/** Far above any honest answer: 500 metrics a listing page, 20,000 points a data page. */
const maxPages = 1_000;

/**
 * Every page of an answer. A token that comes back a second time, or an answer longer than `limit` pages, is a
 * bad_response: a caller that stopped quietly there would take a part for the whole.
 */
export async function* pagesOf<Page>(
  operation: string,
  fetch: (token: string | undefined) => Promise<Page>,
  tokenOf: (page: Page) => string | undefined,
  limit: number = maxPages,
): AsyncGenerator<Page, void, void> {
  const seen = new Set<string>();
  let token: string | undefined;
  for (let count = 0; count < limit; count += 1) {
    const page = await fetch(token);
    yield page;
    token = tokenOf(page);
    if (token === undefined || token === '') return;
    if (seen.has(token)) {
      throw badAnswer(operation, 'the same page token came back twice, so the answer has no end');
    }
    seen.add(token);
  }
  throw badAnswer(operation, `the answer has more than ${limit} pages`);
}

/** An answer that arrived and cannot be taken for what was asked. */
export function badAnswer(operation: string, what: string): ExternalError {
  return new ExternalError(`${operation}: ${what}`, {
    reason: 'bad_response',
    operation,
    hint: 'Nothing of this answer was kept; it is asked for again. If it stays, look for a proxy or a custom endpoint in between.',
  });
}
