import { createHash, timingSafeEqual } from 'node:crypto';
import { filtersOf } from '../query/dimensions.ts';
import type { Filters, Match } from '../query/dimensions.ts';
import { ProblemError } from './problem.ts';

/** Weakest first; each may do what those before it may. */
const scopes = ['scrape', 'read', 'write'] as const;
export type Scope = (typeof scopes)[number];

export interface ApiToken {
  readonly name: string;
  /** Asked at every request, so that a rotated secret is seen. Throws where the reference cannot be resolved. */
  readonly token: { reveal(): string };
  readonly scope: Scope;
  /** What the bearer sees; nothing named is everything. */
  readonly match: Match;
}

/** What the asker may see: conditions that hold beside those of the query. */
export interface Access {
  readonly scope: Filters;
  /** Whose token was shown; absent: nobody needs one. */
  readonly token?: string;
}

/**
 * Without tokens everyone who reaches the agent may read all of it. Throws a 401 without a known token, a 403 where the token's scope is too small. `unreadable` hears of tokens whose
 * secret cannot be read: they admit no one.
 */
export function admit(
  tokens: readonly ApiToken[],
  authorization: string | undefined,
  needed: Scope,
  unreadable: (error: unknown) => void,
): Access {
  if (tokens.length === 0) return { scope: new Map() };
  const [, given] = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '') ?? [];
  if (given === undefined) {
    throw new ProblemError('unauthorized', 'send a token as `Authorization: Bearer <token>`');
  }
  const token = findToken(tokens, given, unreadable);
  if (token === undefined) {
    throw new ProblemError(
      'unauthorized',
      'the token is not one of auth.tokens; it may have been rotated',
    );
  }
  if (scopes.indexOf(token.scope) < scopes.indexOf(needed)) {
    throw new ProblemError(
      'forbidden',
      `token ${token.name} has scope ${token.scope}, this needs ${needed}`,
    );
  }
  return { scope: filtersOf(token.match), token: token.name };
}

/** Looks at every token whatever it found before, so that the time tells nothing. */
function findToken(
  tokens: readonly ApiToken[],
  given: string,
  unreadable: (error: unknown) => void,
): ApiToken | undefined {
  const wanted = digest(given);
  let found: ApiToken | undefined;
  for (const token of tokens) {
    try {
      if (timingSafeEqual(digest(token.token.reveal()), wanted)) found ??= token;
    } catch (error) {
      unreadable(error);
    }
  }
  return found;
}

/** Of equal length, whatever the secret's. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
