import { ProblemError } from './problem.ts';

/**
 * Throws unless the Host header names this agent. A page of another site can have its name resolve to this machine and
 * then read answers as its own; what it cannot do is change the Host header that the browser sends.
 */
export function checkHost(header: string, allowedHosts: readonly string[]): void {
  const host = header.trim().toLowerCase();
  const name = withoutPort(host);
  if (isLoopback(name)) return;
  const allowed = allowedHosts.some((entry) => {
    const known = entry.toLowerCase();
    return known === host || withoutBrackets(known) === withoutBrackets(name);
  });
  if (allowed) return;
  throw new ProblemError(
    'unknown-host',
    `Host ${JSON.stringify(header)} is not one of ours; add it to allowed_hosts, or set public_url`,
  );
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** `localhost` and the names under it, 127.0.0.0/8 and `::1`. */
function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(name)
  );
}
