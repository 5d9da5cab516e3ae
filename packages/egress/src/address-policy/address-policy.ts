import { isIP } from 'node:net';
import { SatwayError } from '@satway/base';
import { normalHostname, readHostList } from './host-list.js';
import { isPublicAddress } from './public-address.js';

/**
 * Who chose where a request goes. `public`: somebody else did, or may have (a URL from outside, a redirect), so only public addresses are
 * reached. `configured`: whoever runs this process named the host (a wallet, a relay, an origin), and where it lies is their affair.
 */
export type Reach = 'public' | 'configured';

/** Which addresses may be connected to. */
export interface AddressPolicyOptions {
  /** Hosts that may be reached although their addresses are private: `host` or `host:port`. */
  readonly allowHosts?: readonly string[];
  /** Lets everything through; for development. */
  readonly allowPrivate?: boolean;
}

/** Judges one place before, while and after it is connected to. */
export interface AddressPolicy {
  /** Whether addresses matter there at all; a name that was allowed may stand for any address. */
  guards(hostname: string, port: string, reach: Reach): boolean;
  /** @throws {SatwayError} `EGRESS_ADDRESS_REFUSED` for an address that is not public. */
  assertPublic(hostname: string, address: string): void;
}

/** @throws {SatwayError} `EGRESS_HOSTS_INVALID`. */
export function createAddressPolicy({ allowHosts = [], allowPrivate = false }: AddressPolicyOptions): AddressPolicy {
  const isNamed = readHostList(allowHosts);
  return {
    guards: (hostname, port, reach) => reach === 'public' && !allowPrivate && !isNamed(hostname, port),
    assertPublic(hostname, address) {
      if (!isPublicAddress(address)) throw refused(hostname);
    },
  };
}

/** The address in a hostname that is one; `null` for a name. URLs write every spelling of an address in one way. */
export function literalAddress(hostname: string): string | null {
  const bare = normalHostname(hostname);
  return isIP(bare.split('%', 1)[0] ?? '') === 0 ? null : bare;
}

/** Names the host, which the caller knows, and not the address: what a name stands for inside is nobody else's business. */
function refused(hostname: string): SatwayError {
  return new SatwayError('EGRESS_ADDRESS_REFUSED', { detail: `Host: ${normalHostname(hostname).slice(0, 200)}.` });
}
