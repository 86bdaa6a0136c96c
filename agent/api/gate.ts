import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { filtersOf } from '../query/dimensions.ts';
import { createAuditLog } from './audit-log.ts';
import type { AuditLog } from './audit-log.ts';
import { accessOf, allow, bearerIn, createTokenBook } from './auth.ts';
import type { Access, ApiToken, Scope, TokenBook } from './auth.ts';
import type { Allowance } from './limits.ts';
import { checkOrigin } from './origin.ts';
import { ProblemError } from './problem.ts';
import { clientAddress, trustedNetworks, userIn } from './proxy.ts';
import type { ProxySetting } from './proxy.ts';
import { sessionIdIn } from './session-cookie.ts';
import { createSessions } from './sessions.ts';
import type { Sessions, SessionSettings } from './sessions.ts';

/** How who asks is told apart, and what one of them may take. */
export interface GuardSettings {
  /** Time as it goes by for who asks. */
  readonly clock: Clock;
  /** Where who did what, and who was refused, is written down. */
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly session: SessionSettings;
  readonly proxy?: ProxySetting | undefined;
  /** Whether people reach this by https. */
  readonly isTls: boolean;
  /** How much one address may ask; absent: as much as it likes. */
  readonly requests?: Allowance | undefined;
  /** How long an answer may take; absent: as long as it likes. */
  readonly answerSeconds?: number | undefined;
}

export interface Gate {
  /** Whether everybody who reaches the agent may read all of it. */
  readonly isOpen: boolean;
  /** Whether there is anything to log in with. */
  readonly hasLogin: boolean;
  readonly tokens: TokenBook;
  readonly sessions: Sessions;
  readonly audit: AuditLog;
  /** Whose request it is, a trusted proxy's word for it included; undefined where there is no socket. */
  addressOf(c: Context): string | undefined;
  /** Throws a 401 where nothing known was shown, a 403 where its scope is too small. */
  admit(c: Context, needed: Scope): Access;
  /** Whether the asker may change something as well. */
  mayWrite(c: Context): boolean;
  /** The same for what changes something, which no page of somebody else may ask for. */
  admitAction(c: Context, needed: Scope): Access;
}

export function createGate(
  { clock, log, session, proxy, isTls }: GuardSettings,
  tokens: readonly ApiToken[],
  publicHost: string | undefined,
  unreadable: (error: unknown) => void,
): Gate {
  const book = createTokenBook(tokens, unreadable);
  const sessions = createSessions(session, clock);
  const audit = createAuditLog(log, clock);
  const trusts = trustedNetworks(proxy?.from ?? []);
  const isOpen = book.isEmpty && proxy === undefined;
  const addressOf = (c: Context) =>
    clientAddress(socketOf(c), c.req.header('X-Forwarded-For'), trusts);

  /** Undefined where none is shown. Throws where the one that is shown is not known. */
  const byToken = (c: Context, needed: Scope): Access | undefined => {
    const authorization = c.req.header('Authorization');
    if (authorization === undefined) return undefined;
    const given = bearerIn(authorization);
    if (given === undefined) throw nothingShown();
    const token = book.find(given);
    if (token === undefined) {
      const why = 'the token is not one of auth.tokens; it may have been rotated';
      throw new ProblemError('unauthorized', why);
    }
    allow(`token ${token.name}`, token.scope, needed);
    return accessOf(token, 'token');
  };

  const bySession = (c: Context, needed: Scope): Access | undefined => {
    const id = sessionIdIn(c, isTls);
    const name = id && sessions.find(id, (one) => digestNow(book, one));
    const token = name === undefined ? undefined : book.named(name);
    if (token === undefined) return undefined;
    allow(`token ${token.name}`, token.scope, needed);
    return accessOf(token, 'session');
  };

  const byProxy = (c: Context, needed: Scope): Access | undefined => {
    const header = proxy && c.req.header(proxy.header);
    if (proxy === undefined || header === undefined) return undefined;
    const address = socketOf(c);
    if (!trusts(clientAddress(address, undefined, trusts) ?? '')) {
      const reason = `${proxy.header} is believed from auth.proxy.from only`;
      audit({ what: 'proxy header', address, result: 'refused', fields: { reason } });
      return undefined;
    }
    const user = userIn(header);
    if (user === undefined) {
      throw new ProblemError('unauthorized', `${proxy.header} does not name one user`);
    }
    allow(`user ${user}`, proxy.scope, needed);
    return { scope: filtersOf(proxy.match), user, by: 'proxy' };
  };

  const admit = (c: Context, needed: Scope): Access => {
    if (isOpen) return { scope: new Map() };
    const access = byToken(c, needed) ?? bySession(c, needed) ?? byProxy(c, needed);
    if (access === undefined) throw nothingShown();
    return access;
  };
  return {
    isOpen,
    hasLogin: !book.isEmpty,
    tokens: book,
    sessions,
    audit,
    addressOf,
    admit,
    mayWrite(c) {
      try {
        admit(c, 'write');
        return true;
      } catch (error) {
        if (error instanceof ProblemError) return false;
        throw error;
      }
    },
    admitAction(c, needed) {
      const access = admit(c, needed);
      const isProofNeeded = access.by === 'session' || access.by === 'proxy';
      checkOrigin(originOf(c), hostsOf(c, publicHost), isProofNeeded);
      return access;
    },
  };
}

/** What the browser says about the page that asks. */
export function originOf(c: Context): Parameters<typeof checkOrigin>[0] {
  return { origin: c.req.header('Origin'), site: c.req.header('Sec-Fetch-Site') };
}

/** By which names our own pages are known to the browser that asks. */
export function hostsOf(c: Context, publicHost: string | undefined): readonly string[] {
  const host = c.req.header('Host') ?? new URL(c.req.url).host;
  return publicHost === undefined ? [host] : [host, publicHost];
}

function digestNow(book: TokenBook, name: string): Uint8Array | undefined {
  const token = book.named(name);
  return token && book.digestOf(token);
}

function socketOf(c: Context): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    return undefined;
  }
}

function nothingShown(): ProblemError {
  return new ProblemError('unauthorized', 'send a token as `Authorization: Bearer <token>`');
}
