import ipaddr from 'ipaddr.js';

/** Of the IPv6 space only this part is given out for the public Internet (RFC 4291, 2.4); the rest is no place to send anything. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address belongs to the public Internet: unicast, and in no range that is set apart for something else (loopback, private, link-local,
 * shared, documentation, benchmarking, multicast, reserved), nor one that leads into the IPv4 Internet by a detour (mapped, NAT64, 6to4, Teredo),
 * where a private address could hide.
 *
 * @param address - an IPv4 or IPv6 address as the resolver or the socket tells it, without brackets.
 */
export function isPublicAddress(address: string): boolean {
  // A zone names an interface of this machine.
  if (address.includes('%') || !isWritten(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed as ipaddr.IPv6).match(GLOBAL_UNICAST);
}

/** `ipaddr.js` also reads `127.1` and `0x7f000001`; a resolver never writes these. */
function isWritten(address: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
}
