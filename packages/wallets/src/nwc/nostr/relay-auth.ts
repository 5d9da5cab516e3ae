import { type NostrEvent, signEvent } from './event.js';
import type { NostrKey } from './key.js';

const AUTH_KIND = 22_242;

/** Says who we are: to this relay, and to the challenge of this connection (NIP-42). */
export function answerChallenge(relayUrl: string, challenge: string, key: NostrKey): NostrEvent {
  const tags = [
    ['relay', relayUrl],
    ['challenge', challenge],
  ];
  return signEvent({ kind: AUTH_KIND, createdAtSeconds: Math.floor(Date.now() / 1000), tags, content: '' }, key);
}

/** Whether a relay refuses only until it knows who we are. */
export function wantsAuth(reason: string): boolean {
  return reason.startsWith('auth-required:');
}
