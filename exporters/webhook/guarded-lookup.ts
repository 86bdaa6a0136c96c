import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isForbiddenAddress } from './forbidden.ts';

/** A name that resolves to where no message may go. */
export class ForbiddenAddressError extends Error {
  constructor() {
    super(forbiddenMeans);
    this.name = 'ForbiddenAddressError';
  }
}

export const forbiddenMeans =
  'its address is one of a metadata service or link-local, where no message may go; correct url';

/**
 * Resolves a name for a connection and refuses it where any of its addresses is forbidden. The connection is made to what
 * was looked at here and to nothing else, so a name that answers differently the next time wins nothing.
 */
export function guardedLookup(resolve: LookupFunction = lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, options, (error, address, family) => {
      const found: readonly LookupAddress[] = Array.isArray(address)
        ? address
        : [{ address: address ?? '', family: family ?? 4 }];
      if (error === null && found.some((one) => isForbiddenAddress(one.address))) {
        done(new ForbiddenAddressError(), address, family);
      } else {
        done(error, address, family);
      }
    });
  };
}
