import type { NostrEvent } from './event.js';

/** Which events one asks a relay for (NIP-01). */
export interface RelayFilter {
  readonly kinds: readonly number[];
  readonly authors: readonly string[];
  readonly '#e'?: readonly string[];
  readonly '#p'?: readonly string[];
  /** Unix seconds. */
  readonly since?: number;
  readonly limit?: number;
}

/** Whether an event is what was asked for; a relay may send what it likes. Times are left to the relay, since clocks differ. */
export function matchesFilter(filter: RelayFilter, event: NostrEvent): boolean {
  return (
    filter.kinds.includes(event.kind) &&
    filter.authors.includes(event.pubkey) &&
    hasTag(event, 'e', filter['#e']) &&
    hasTag(event, 'p', filter['#p'])
  );
}

function hasTag(event: NostrEvent, name: string, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || event.tags.some((tag) => tag[0] === name && wanted.includes(tag[1] ?? ''));
}
