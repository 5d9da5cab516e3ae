import { foreignWords } from '../../rest/index.js';
import { type NostrEvent, parseEvent } from './event.js';

/** We sign it, so a relay must not choose how much that is. */
const MAX_CHALLENGE_LENGTH = 256;

/** What a relay says (NIP-01). */
export type RelayMessage =
  | { readonly type: 'event'; readonly subscriptionId: string; readonly event: NostrEvent }
  /** What is stored has been told; what follows is new. */
  | { readonly type: 'eose'; readonly subscriptionId: string }
  /** The relay ends a subscription, or never began it. */
  | { readonly type: 'closed'; readonly subscriptionId: string; readonly reason: string }
  | { readonly type: 'ok'; readonly eventId: string; readonly isAccepted: boolean; readonly reason: string }
  /** The relay wants to know who we are (NIP-42). */
  | { readonly type: 'auth'; readonly challenge: string }
  | { readonly type: 'notice'; readonly text: string };

/** @returns `null` for what is none of these; a relay may say more than we know. */
export function parseRelayMessage(text: string): RelayMessage | null {
  const parts = parseArray(text);
  if (parts === null) return null;
  const [name, first, second, third] = parts;
  if (typeof first !== 'string') return null;
  switch (name) {
    case 'EVENT':
      return eventMessage(first, second);
    case 'EOSE':
      return { type: 'eose', subscriptionId: first };
    case 'CLOSED':
      return { type: 'closed', subscriptionId: first, reason: reasonOf(second) };
    case 'OK':
      return { type: 'ok', eventId: first, isAccepted: second === true, reason: reasonOf(third) };
    case 'AUTH':
      return first.length > MAX_CHALLENGE_LENGTH ? null : { type: 'auth', challenge: first };
    case 'NOTICE':
      return { type: 'notice', text: reasonOf(first) };
    default:
      return null;
  }
}

function eventMessage(subscriptionId: string, value: unknown): RelayMessage | null {
  const event = parseEvent(value);
  return event === null ? null : { type: 'event', subscriptionId, event };
}

function parseArray(text: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** For a person; a relay may write anything. */
function reasonOf(value: unknown): string {
  return typeof value === 'string' ? foreignWords(value, 200) : '';
}
