import type { Context } from 'hono';

export function answerHealth(c: Context): Response {
  return c.json({ status: 'ok' });
}

/** The list of what is waited for; ready when there is nothing in it. */
export function answerReady(c: Context, waitsFor: readonly string[]): Response {
  return c.json(waitsFor, waitsFor.length === 0 ? 200 : 503);
}
