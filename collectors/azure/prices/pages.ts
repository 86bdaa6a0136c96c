import * as z from 'zod';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { Instant } from '../../../agent/core/time.ts';
import { askJson } from '../../../agent/core/web-answer.ts';

/** How the list is asked. */
export interface PageReader {
  readonly origin: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly now: () => Instant;
}

/** Items as they came, not looked at. */
export interface Pages {
  readonly items: readonly unknown[];
  readonly requests: number;
}

export const apiVersion = '2023-01-01-preview';
/** A thousand items each; a whole region has a few. */
const mostPages = 500;

const page = z.object({
  Items: z.array(z.unknown()),
  NextPageLink: z.string().nullish(),
});

/**
 * All items that a filter selects, page after page. Values in a filter are case-sensitive.
 * https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices
 */
export async function readPages(
  reader: PageReader,
  filter: string,
  signal: AbortSignal,
): Promise<Pages> {
  const operation = `retailprices:GET where ${filter}`;
  const first = new URL('/api/retail/prices', reader.origin);
  first.searchParams.set('api-version', apiVersion);
  first.searchParams.set('currencyCode', 'USD');
  first.searchParams.set('$filter', filter);
  const items: unknown[] = [];
  const seen = new Set<string>();
  for (let next: URL | undefined = first; next !== undefined;) {
    seen.add(next.href);
    const document = await askJson(
      {
        operation,
        url: next,
        timeoutMs: reader.timeoutMs,
        maxBytes: reader.maxBytes,
        waitHeaders: ['x-ms-ratelimit-retailprices-retry-after'],
      },
      (url, stop) => fetch(url, { signal: stop, redirect: 'manual' }),
      signal,
      reader.now,
    );
    const answer = page.safeParse(document).data;
    if (answer === undefined) throw unread(operation, 'this is no page of the price list');
    items.push(...answer.Items);
    next = nextOf(answer.NextPageLink ?? '', reader.origin, operation);
    if (next !== undefined && seen.has(next.href)) throw unread(operation, 'its pages never end');
    if (seen.size >= mostPages) throw unread(operation, `more than ${mostPages} pages`);
  }
  return { items, requests: seen.size };
}

/** The list names its own port (`:443`), which is the same origin; any other is not followed. */
function nextOf(link: string, origin: string, operation: string): URL | undefined {
  if (link === '') return undefined;
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url !== undefined && url.origin === origin) return url;
  throw unread(operation, 'its next page is at another address');
}

/** Nothing is kept of a list that cannot be read whole. */
export function unread(operation: string, said: string): ExternalError {
  return new ExternalError(`${operation}: ${said}`, {
    reason: 'bad_response',
    operation,
    hint: 'Nothing was kept. Look at what answers at this address, and at the regions that are asked for.',
  });
}
