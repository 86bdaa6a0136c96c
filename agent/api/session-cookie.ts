import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';

/**
 * Under TLS the name itself makes the browser refuse a cookie that another host, or a page without TLS, tries to put there.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
function nameOf(isTls: boolean): string {
  return isTls ? '__Host-crossbill' : 'crossbill';
}

function optionsOf(isTls: boolean): CookieOptions {
  return { path: '/', httpOnly: true, sameSite: 'Strict', secure: isTls };
}

export function sessionIdIn(c: Context, isTls: boolean): string | undefined {
  const id = getCookie(c, nameOf(isTls));
  return id !== undefined && /^[\w-]{43}$/.test(id) ? id : undefined;
}

export function giveSession(c: Context, isTls: boolean, id: string, seconds: number): void {
  setCookie(c, nameOf(isTls), id, { ...optionsOf(isTls), maxAge: seconds });
}

export function takeSession(c: Context, isTls: boolean): void {
  deleteCookie(c, nameOf(isTls), optionsOf(isTls));
}
