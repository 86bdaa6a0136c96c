import { isIP } from 'node:net';
import { fail, parsed, secret } from './fields.ts';

/** True for `localhost`, 127.0.0.0/8 and `::1`: what no other machine reaches. */
export function isLoopback(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost' || bare.endsWith('.localhost') || bare === '::1') return true;
  const octets = bare.split('.');
  return octets.length === 4 && octets[0] === '127' && octets.every((o) => /^\d{1,3}$/.test(o));
}

interface HostAndPort {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** `127.0.0.1:9870`, `[::1]:9870`, `localhost:0`; undefined for anything else. */
export function parseListen(value: string): HostAndPort | undefined {
  const [, v6, host, port] = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(value) ?? [];
  const address = v6 ?? host;
  if (address === undefined || Number(port) > 65_535) return undefined;
  return { host: address, port: Number(port) };
}

export function listenAddress() {
  return parsed('host:port, for example 127.0.0.1:9870', parseListen);
}

/** `crossbill.monitoring.svc`, with a port if the clients name one. */
export function hostName() {
  return parsed('a host without scheme or path, for example crossbill.monitoring.svc', (value) =>
    /^[\w.-]+(?::\d{1,5})?$/.test(value) || /^\[[\da-f:.]+\](?::\d{1,5})?$/i.test(value)
      ? value.toLowerCase()
      : undefined,
  );
}

/** `10.0.0.0/8`, `fd00::/8`, or one address, which is a network of one. Not all addresses there are. */
export function parseNetwork(value: string): string | undefined {
  const [address = '', bits, ...more] = value.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : 0;
  const isNetwork = family !== 0 && more.length === 0 && length >= 1 && length <= most;
  return isNetwork && !address.includes('%') ? `${address.toLowerCase()}/${length}` : undefined;
}

export function network() {
  return parsed('a network that is not the whole world, for example 10.0.0.0/8', parseNetwork);
}

/** An http or https address, without a slash at its end. */
export function webAddress(example: string) {
  return parsed(`an http or https URL without user or password, for example ${example}`, (value) =>
    urlOf(value) === undefined ? undefined : value.replace(/\/+$/, ''),
  );
}

/** Where a cloud answers. Credentials travel there, so plain http stays on this machine. */
export function endpoint() {
  return webAddress('https://bedrock.example.com').transform((value, ctx) =>
    value.startsWith('https:') || isLoopbackUrl(value)
      ? value
      : fail(
          ctx,
          'http is for loopback addresses only, since credentials travel with it; use https',
        ),
  );
}

/** True for an endpoint that stays on this machine. */
export function isLoopbackUrl(value: string): boolean {
  const url = urlOf(value);
  return url !== undefined && isLoopback(url.hostname);
}

/** An address that is a secret itself, as those of chat services are. */
export function secretUrl() {
  return secret(
    'an http or https URL without user or password',
    (value) => urlOf(value) !== undefined,
  );
}

function urlOf(value: string): URL | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  return url.username === '' && url.password === '' ? url : undefined;
}
