import { createHash, timingSafeEqual } from 'node:crypto';
import { filtersOf } from '../query/dimensions.ts';
import type { Filters, Match } from '../query/dimensions.ts';
import { ProblemError } from './problem.ts';

/** Weakest first; each may do what those before it may. */
const scopes = ['scrape', 'read', 'write'] as const;
export type Scope = (typeof scopes)[number];

export interface ApiToken {
  readonly name: string;
  readonly token: {
    /** The secret as it is now. Throws where the reference cannot be resolved. */
    reveal(): string;
    /** The same text for as long as the secret is the same one; undefined, or no such method: ask for it each time. Throws likewise. */
    stamp?(): string | undefined;
  };
  readonly scope: Scope;
  /** What the bearer sees; nothing named is everything. */
  readonly match: Match;
}

/** What the asker may see: conditions that hold beside those of the query. */
export interface Access {
  readonly scope: Filters;
  /** Whose token was shown, or opened the session; absent: nobody needs one, or a proxy named the user. */
  readonly token?: string;
  /** Whom the trusted proxy named. */
  readonly user?: string;
  /** By what; absent: nobody needs anything. A browser sends the latter two by itself, whosever page makes it ask. */
  readonly by?: 'token' | 'session' | 'proxy';
}

/** Who did it, for people; undefined where nobody had to say. */
export function nameOf({ token, user }: Access): string | undefined {
  return user ?? token;
}

/** The tokens by their hashes, which are all that is kept of them here. */
export interface TokenBook {
  readonly isEmpty: boolean;
  /** Looks at every token whatever it found before, so that the time tells nothing. */
  find(secret: string): ApiToken | undefined;
  named(name: string): ApiToken | undefined;
  /** SHA-256 of the secret as it is now; undefined where it cannot be read. */
  digestOf(token: ApiToken): Uint8Array | undefined;
}

/** @param unreadable hears of tokens whose secret cannot be read: they admit no one */
export function createTokenBook(
  tokens: readonly ApiToken[],
  unreadable: (error: unknown) => void,
): TokenBook {
  const kept = new Map<ApiToken, { readonly stamp: string; readonly digest: Uint8Array }>();
  const digestOf = (token: ApiToken): Uint8Array | undefined => {
    try {
      const stamp = token.token.stamp?.();
      const known = kept.get(token);
      if (known !== undefined && known.stamp === stamp) return known.digest;
      const fresh = digest(token.token.reveal());
      if (stamp === undefined) kept.delete(token);
      else kept.set(token, { stamp, digest: fresh });
      return fresh;
    } catch (error) {
      unreadable(error);
      return undefined;
    }
  };
  return {
    isEmpty: tokens.length === 0,
    find(secret) {
      const wanted = digest(secret);
      let found: ApiToken | undefined;
      for (const token of tokens) {
        const one = digestOf(token);
        if (one !== undefined && timingSafeEqual(one, wanted)) found ??= token;
      }
      return found;
    },
    named: (name) => tokens.find((token) => token.name === name),
    digestOf,
  };
}

/** The token of `Authorization: Bearer …`; undefined where there is no such header or it is written otherwise. */
export function bearerIn(authorization: string | undefined): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
}

/** Throws a 403 where the scope is too small. */
export function allow(who: string, scope: Scope, needed: Scope): void {
  if (scopes.indexOf(scope) >= scopes.indexOf(needed)) return;
  throw new ProblemError('forbidden', `${who} has scope ${scope}, this needs ${needed}`);
}

/** What the holder of a token may see. */
export function accessOf({ name, match }: ApiToken, by: 'token' | 'session'): Access {
  return { scope: filtersOf(match), token: name, by };
}

/** Of equal length, whatever the secret's. */
function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
