import { BlockList, isIP } from 'node:net';
import type { Match } from '../query/dimensions.ts';
import type { Scope } from './auth.ts';

/** A proxy that tells who asks, and is believed because of where it asks from. */
export interface ProxySetting {
  /** The header in which it names the user. */
  readonly header: string;
  /** The networks it asks from, as `10.0.0.0/8`. */
  readonly from: readonly string[];
  /** What its users may do. */
  readonly scope: Scope;
  /** What they see; nothing named is everything. */
  readonly match: Match;
}

/** Whether an address lies in one of the networks. */
type Trusts = (address: string) => boolean;

/** Throws where a network is not written `address/bits`. */
export function trustedNetworks(networks: readonly string[]): Trusts {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

/**
 * Who asks, of those between whom the request was handed on: the last that no trusted proxy named. `X-Forwarded-For` is a
 * list to which each proxy appends whom it heard, so what stands left of a stranger is the stranger's own invention.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
 */
export function clientAddress(
  socket: string | undefined,
  forwardedFor: string | undefined,
  trusts: Trusts,
): string | undefined {
  let client = socket === undefined ? undefined : bareAddress(socket);
  for (const hop of (forwardedFor ?? '').split(',').toReversed()) {
    if (client === undefined || !trusts(client)) break;
    const address = bareAddress(hop.trim());
    if (address === undefined) break;
    client = address;
  }
  return client;
}

/** The user that the header names; undefined where it names none, several, or one with what is no part of a name. */
export function userIn(header: string): string | undefined {
  return /^[^\s,\p{Cc}\p{Cf}][^,\p{Cc}\p{Cf}]{0,199}$/u.test(header) ? header.trim() : undefined;
}

/** An IPv4 address on a socket that speaks IPv6 is `::ffff:10.0.0.1`; some proxies add the port. */
function bareAddress(text: string): string | undefined {
  const unwrapped = text
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '');
  return isIP(unwrapped) === 0 ? undefined : unwrapped;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
