import { BlockList, isIP } from 'node:net';

/** Tells who is calling: the peer itself, or, where the peer is a trusted proxy, whom that names. */
export type CallerAddressReader = (peerAddress: string, forwardedFor: string) => string;

/**
 * @param trustedProxies - addresses and CIDR networks; checked by the configuration.
 * @returns a reader that walks `X-Forwarded-For` from its end and takes the first address that is not a trusted proxy's: what stands
 * before that was written by the caller.
 */
export function createCallerAddressReader(trustedProxies: readonly string[]): CallerAddressReader {
  if (trustedProxies.length === 0) return plainAddress;
  const trusted = new BlockList();
  for (const proxy of trustedProxies) addProxy(trusted, proxy);
  const isTrusted = (address: string): boolean => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return function readCallerAddress(peerAddress, forwardedFor) {
    const hops = forwardedFor.split(',').map((hop) => hop.trim());
    let caller = plainAddress(peerAddress);
    while (isIP(caller) !== 0 && isTrusted(caller)) {
      const next = plainAddress(hops.pop() ?? '');
      if (isIP(next) === 0) break;
      caller = next;
    }
    return caller;
  };
}

/** A socket that listens on IPv6 shows IPv4 peers as `::ffff:192.0.2.1`. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function addProxy(list: BlockList, proxy: string): void {
  const [address = '', prefix] = proxy.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}
