import { type LookupAddress, lookup, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressPolicy } from '../address-policy/index.js';

type LookupCallback = Parameters<LookupFunction>[2];

/**
 * Resolves a name as the system does and hands only addresses on that were judged. One private address among several refuses the name as a whole: whoever
 * owns it could bring the connection there by letting the others fail.
 *
 * @param resolve - as `dns.lookup`.
 */
export function guardedLookup(policy: AddressPolicy, resolve = lookup): LookupFunction {
  return function lookupJudged(hostname: string, options: LookupOptions, callback: LookupCallback): void {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, [], 0);
      try {
        for (const { address } of addresses) policy.assertPublic(hostname, address);
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, [], 0);
      }
      return answer(addresses, options, callback);
    });
  };
}

function answer(addresses: LookupAddress[], options: LookupOptions, callback: LookupCallback): void {
  if (options.all === true) return callback(null, addresses);
  const [first] = addresses;
  return callback(null, first?.address ?? '', first?.family ?? 0);
}
