import type * as z from 'zod';
import { network } from './addresses.ts';
import { duration, fail, listOf, name, oneOf, parsed, secret, section, setOf } from './fields.ts';
import { match } from './match.ts';

const scope = () => oneOf(['scrape', 'read', 'write']);

const token = section({
  name: name(),
  token: secret('a token, best as "${file:/run/secrets/grafana}"'),
  scope: scope(),
  /** What the bearer sees; nothing named is everything. */
  match: match().default({}),
});

/** Headers that mean something else already. */
const taken = ['authorization', 'cookie', 'host', 'origin', 'x-forwarded-for'];

const proxy = section({
  /** In which the proxy names the user; it must take away what its clients send there. */
  header: parsed('the name of a header, for example X-Forwarded-User', (value) =>
    /^[A-Za-z][A-Za-z0-9-]*$/.test(value) && !taken.includes(value.toLowerCase())
      ? value
      : undefined,
  ).default('X-Forwarded-User'),
  from: setOf(network(), 'for example [10.0.0.0/8]'),
  scope: scope(),
  match: match().default({}),
});

const session = section({
  idle: duration('12h').default(43_200),
  longest: duration('7d').default(604_800),
}).transform(({ idle, longest }) => ({ idleSeconds: idle, longestSeconds: longest }));

/** Who may ask. */
export const auth = section({
  tokens: listOf(token, { expected: 'for example [{ name: …, token: …, scope: read }]' }).default(
    [],
  ),
  proxy: proxy.optional(),
  session: session.prefault({}),
}).superRefine(({ tokens, proxy: trusted }, ctx) => {
  if (tokens.length > 0 || trusted !== undefined) return;
  fail(ctx, 'names nobody who may ask; add tokens, or proxy, or delete the key');
});

/** `200 per second`, `600 per minute`, or `none`. */
export function requestLimit() {
  return parsed('none, or a number of requests as in 200 per second', (value) => {
    if (value === 'none') return { perSecond: null };
    const [, digits, unit] = /^(\d{1,6}) per (second|minute)$/.exec(value) ?? [];
    const perSecond = Number(digits) / (unit === 'minute' ? 60 : 1);
    return perSecond > 0 ? { perSecond } : undefined;
  });
}

/** Everyone who reaches the agent may read all of it. */
export const nobodyNamed: z.output<typeof auth> = {
  tokens: [],
  proxy: undefined,
  session: { idleSeconds: 43_200, longestSeconds: 604_800 },
};
