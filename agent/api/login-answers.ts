import type { Context } from 'hono';
import { accessOf, allow } from './auth.ts';
import { bodyText } from './body.ts';
import { hostsOf, originOf } from './gate.ts';
import type { Gate, GuardSettings } from './gate.ts';
import { askerOf, createLimiter } from './limits.ts';
import { localPath } from './local-path.ts';
import type { LoginPage, LoginView } from './login.ts';
import { checkOrigin } from './origin.ts';
import { ProblemError } from './problem.ts';
import { giveSession, sessionIdIn, takeSession } from './session-cookie.ts';

/** Ten tries at once, then one in six seconds, by address. */
const attempts = { perSecond: 1 / 6, burst: 10 };
const mostBytes = 8_192;
const wrongToken = 'This is not a token of the configuration; it may have been rotated.';

interface LoginAnswers {
  /** The form; who is logged in already goes on. */
  readonly show: (c: Context) => Response | Promise<Response>;
  /** A token sent by the form, for a cookie. */
  readonly logIn: (c: Context) => Promise<Response>;
  readonly logOut: (c: Context) => Response;
}

export function loginAnswers(
  gate: Gate,
  { clock, session, isTls }: Pick<GuardSettings, 'clock' | 'session' | 'isTls'>,
  page: LoginPage,
  publicHost: string | undefined,
): LoginAnswers {
  const limiter = createLimiter(attempts, clock);
  const show = (c: Context, view: LoginView, status: 200 | 401 | 403 | 429 = 200) => {
    c.header('Cache-Control', 'no-store');
    return c.html(page(view), status);
  };
  const refuse = (c: Context, view: LoginView, status: 401 | 403 | 429, reason: string) => {
    gate.audit({
      what: 'login',
      address: gate.addressOf(c),
      result: 'refused',
      fields: { status, reason },
    });
    return show(c, view, status);
  };
  return {
    show(c) {
      const next = localPath(c.req.query('next'));
      if (isAdmitted(gate, c)) return c.redirect(next, 303);
      // A link in a chat makes a browser ask without its strict cookie, even where it has one. Asked again by this page itself, it
      // sends it.
      if (c.req.header('Sec-Fetch-Site') === 'cross-site') {
        c.header('Refresh', `0; url=/login?next=${encodeURIComponent(next)}`);
      }
      return show(c, { next });
    },
    async logIn(c) {
      checkOrigin(originOf(c), hostsOf(c, publicHost), false);
      const form = new URLSearchParams(await bodyText(c, mostBytes));
      const next = localPath(form.get('next') ?? undefined);
      const wait = limiter.take(askerOf(gate.addressOf(c)));
      if (wait > 0) {
        c.header('Retry-After', String(wait));
        const failed = `Too many attempts from here; try again in ${wait} s.`;
        return refuse(c, { failed, next }, 429, 'too many attempts');
      }
      const token = gate.tokens.find((form.get('token') ?? '').trim());
      const digest = token && gate.tokens.digestOf(token);
      if (token === undefined || digest === undefined) {
        return refuse(c, { failed: wrongToken, next }, 401, 'no such token');
      }
      const access = accessOf(token, 'session');
      try {
        allow(`Token ${token.name}`, token.scope, 'read');
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return refuse(c, { failed: `${error.message}.`, next }, 403, error.message);
      }
      const older = sessionIdIn(c, isTls);
      if (older !== undefined) gate.sessions.end(older);
      giveSession(c, isTls, gate.sessions.open(token.name, digest), session.longestSeconds);
      gate.audit({ what: 'login', access, address: gate.addressOf(c), result: 'done' });
      c.header('Cache-Control', 'no-store');
      return c.redirect(next, 303);
    },
    logOut(c) {
      checkOrigin(originOf(c), hostsOf(c, publicHost), true);
      const id = sessionIdIn(c, isTls);
      if (id !== undefined) gate.sessions.end(id);
      takeSession(c, isTls);
      gate.audit({ what: 'logout', address: gate.addressOf(c), result: 'done' });
      return c.redirect('/login', 303);
    },
  };
}

function isAdmitted(gate: Gate, c: Context): boolean {
  try {
    gate.admit(c, 'read');
    return true;
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}
