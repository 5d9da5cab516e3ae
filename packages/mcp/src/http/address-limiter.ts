import { isIPv6 } from 'node:net';

export interface AddressLimits {
  readonly perMinute: number;
  /** How many addresses are remembered; the ones that were seen longest ago make room. */
  readonly maxAddresses: number;
  readonly nowMs: () => number;
}

/** Counts the requests of each address in the minute that ends now, wherever it began, in a table that strangers cannot make grow. */
export interface AddressLimiter {
  /** `0`: let it pass; else after how many seconds the address may come again. */
  waitSeconds(address: string | undefined): number;
}

const MINUTE_MS = 60_000;

export function createAddressLimiter({ perMinute, maxAddresses, nowMs }: AddressLimits): AddressLimiter {
  const passedByNetwork = new Map<string, number[]>();
  return {
    waitSeconds(address = '') {
      const key = networkOf(address);
      const now = nowMs();
      const passed = (passedByNetwork.get(key) ?? []).filter((atMs) => now - atMs < MINUTE_MS);
      // Put back at the end: the first key is the one that was seen longest ago.
      passedByNetwork.delete(key);
      passedByNetwork.set(key, passed);
      dropFirst(passedByNetwork, maxAddresses);
      const [oldestMs = now] = passed;
      if (passed.length >= perMinute) return Math.max(1, Math.ceil((oldestMs + MINUTE_MS - now) / 1000));
      passed.push(now);
      return 0;
    },
  };
}

function dropFirst(table: Map<string, unknown>, maxAddresses: number): void {
  for (const key of table.keys()) {
    if (table.size <= maxAddresses) return;
    table.delete(key);
  }
}

/** An IPv4 address; of an IPv6 address its /64, since whoever has one has all of them. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  return [...first, ...(tail === undefined ? [] : zeros), ...last].slice(0, 4).join(':');
}
