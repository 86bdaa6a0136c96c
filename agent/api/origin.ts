import { ProblemError } from './problem.ts';

/** What a browser says about the page that makes it ask. */
interface Origin {
  /** https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin */
  readonly origin: string | undefined;
  /** https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site */
  readonly site: string | undefined;
}

/**
 * Refuses what a page of somebody else makes a browser send. Browsers say where a POST comes from, and no page can change
 * what they say; programs say nothing. That is enough where they show a token, but not where the browser shows a cookie, or a
 * proxy the user, by itself: then `isProofNeeded`.
 * @param hosts by which names, with their ports, our own pages are known
 */
export function checkOrigin(
  { origin, site }: Origin,
  hosts: readonly string[],
  isProofNeeded: boolean,
): void {
  if (site === 'same-origin') return;
  if (site === undefined && origin === undefined && !isProofNeeded) return;
  const isOurs = origin !== undefined && URL.canParse(origin) && isOneOf(new URL(origin), hosts);
  if (isOurs && (site === undefined || site === 'none')) return;
  throw new ProblemError(
    'forbidden',
    origin === undefined && site === undefined
      ? 'nothing says which page this comes from; a program sends its token as `Authorization: Bearer <token>`'
      : 'this comes from a page of another site, which may change nothing here',
  );
}

function isOneOf({ host }: URL, hosts: readonly string[]): boolean {
  return hosts.some((known) => known.toLowerCase() === host);
}
