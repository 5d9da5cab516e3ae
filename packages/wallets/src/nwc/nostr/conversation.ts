import type { NostrKey } from './key.js';
import { decryptNip04, encryptNip04, legacyKeyOf } from './nip04.js';
import { conversationKeyOf, decryptNip44, encryptNip44 } from './nip44.js';

/** How two parties encrypt, by the names that NIP-47 gives to the two ways. */
export type Encryption = 'nip44_v2' | 'nip04';

/** Messages between us and one other key. */
export interface Conversation {
  /** `null` for a text that the way cannot carry. */
  seal(plaintext: string, encryption: Encryption): string | null;
  /** `null` for what was not sealed in this conversation in this way. */
  open(payload: string, encryption: Encryption): string | null;
}

/** @returns `null` where the other key is none. */
export function openConversation(ours: NostrKey, theirPubkeyHex: string): Conversation | null {
  const key = conversationKeyOf(ours.secret, theirPubkeyHex);
  const legacyKey = legacyKeyOf(ours.secret, theirPubkeyHex);
  if (key === null || legacyKey === null) return null;
  return {
    seal: (text, encryption) => (encryption === 'nip04' ? encryptNip04(text, legacyKey) : encryptNip44(text, key)),
    open: (text, encryption) => (encryption === 'nip04' ? decryptNip04(text, legacyKey) : decryptNip44(text, key)),
  };
}
