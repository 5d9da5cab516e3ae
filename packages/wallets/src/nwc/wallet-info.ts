import { type Encryption, type NostrEvent, tagOf } from './nostr/index.js';

/** Kind of the event in which a wallet service says what it can. */
export const INFO_KIND = 13_194;

/** What a wallet service says of itself to everybody. What one connection may do, `get_info` tells. */
export interface WalletInfo {
  readonly methods: readonly string[];
  /** Types of notification; empty where there are none. */
  readonly notifications: readonly string[];
  /** The way that both sides know, the better first; `null` where there is none. */
  readonly encryption: Encryption | null;
}

/** Reads an info event; whatever is in it, something comes out. */
export function readWalletInfo(event: NostrEvent): WalletInfo {
  return {
    methods: words(event.content),
    notifications: words((tagOf(event, 'notifications') ?? []).join(' ')),
    encryption: chooseEncryption(tagOf(event, 'encryption')),
  };
}

/** A wallet that names no encryption is older than NIP-44 and knows NIP-04 only (NIP-47, "Encryption"). Some name each in a value of its own. */
function chooseEncryption(tag: readonly string[] | null): Encryption | null {
  if (tag === null) return 'nip04';
  const offered = words(tag.join(' '));
  if (offered.includes('nip44_v2')) return 'nip44_v2';
  return offered.includes('nip04') ? 'nip04' : null;
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
