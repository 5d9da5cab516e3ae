const MAX_ADDRESS_LENGTH = 64;
const MAPPED = /^::ffff:(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i;

/**
 * Whom an address stands for when callers are counted: an IPv4 address itself, an IPv6 address its /64 (one subscriber has all of
 * those), an IPv4-mapped one the IPv4 address in it. What is no address stands for itself.
 */
export function addressScope(address: string): string {
  if (!address.includes(':')) return address.slice(0, MAX_ADDRESS_LENGTH);
  const mapped = MAPPED.exec(address)?.[1];
  return mapped ?? `${firstFourGroups(address)}::/64`;
}

function firstFourGroups(address: string): string {
  const withoutZone = address.slice(0, MAX_ADDRESS_LENGTH).split('%', 1)[0] ?? '';
  const [head = '', tail = ''] = withoutZone.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  // An IPv4 tail stands for two groups.
  const rightLength = right.length + (tail.includes('.') ? 1 : 0);
  const zeros = withoutZone.includes('::') ? Math.max(0, 8 - left.length - rightLength) : 0;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
