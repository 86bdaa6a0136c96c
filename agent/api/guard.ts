import type { Context, Hono } from 'hono';
import { answeredInTime } from './deadline.ts';
import type { Gate, GuardSettings } from './gate.ts';
import { checkHost } from './hosts.ts';
import { askerOf, createLimiter } from './limits.ts';
import { ProblemError } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

/** Probes ask by address and often, and are to be answered while everything else is refused. */
const healthPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** What every request meets before its path is looked at: headers, how often it may be asked, by which name, for how long. */
export function guardRequests(
  api: Hono,
  gate: Gate,
  { clock, isTls, requests, answerSeconds }: GuardSettings,
  hosts: readonly string[],
): void {
  const limiter = requests && createLimiter(requests, clock);
  api.use(securityHeaders(isTls));
  api.use(async (c, next) => {
    if (healthPaths.has(c.req.path)) return next();
    const address = gate.addressOf(c);
    const wait = address === undefined ? 0 : (limiter?.take(askerOf(address)) ?? 0);
    if (wait > 0) {
      c.header('Retry-After', String(wait));
      throw new ProblemError('too-many-requests', `ask again in ${wait} s`);
    }
    checkHost(hostOf(c), hosts);
    return answerSeconds === undefined ? next() : answeredInTime(next, answerSeconds, clock);
  });
}

function hostOf(c: Context): string {
  return c.req.header('Host') ?? new URL(c.req.url).host;
}

const refused: ReadonlySet<string> = new Set([
  'unauthorized',
  'forbidden',
  'unknown-host',
  'too-large',
  'too-many-requests',
]);

/** Writes a refusal down. What was asked is cut, for a stranger chose it, and has no query. */
export function noteRefusal(c: Context, { kind, message }: ProblemError, gate: Gate): void {
  if (!refused.has(kind)) return;
  gate.audit({
    what: `${c.req.method} ${c.req.path.slice(0, 200)}`,
    address: gate.addressOf(c),
    result: 'refused',
    fields: { kind, reason: message.slice(0, 300) },
  });
}

const machinePaths = ['/api/', '/grafana/', '/metrics', '/openapi.json', '/healthz', '/readyz'];

/** Where somebody is led who asks for a page and showed nothing; undefined for a program, which is told what is wrong. */
export function loginPathFor(c: Context, { kind }: ProblemError, gate: Gate): string | undefined {
  const { method, path, url } = c.req;
  const isPage =
    (method === 'GET' || method === 'HEAD') &&
    !machinePaths.some((start) => path.startsWith(start)) &&
    c.req.header('Accept')?.includes('text/html') === true;
  if (kind !== 'unauthorized' || !gate.hasLogin || !isPage) return undefined;
  return `/login?next=${encodeURIComponent(`${path}${new URL(url).search}`)}`;
}
