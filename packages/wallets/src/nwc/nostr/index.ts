export { type Conversation, type Encryption, openConversation } from './conversation.js';
export { type NostrEvent, signEvent, tagOf } from './event.js';
export { isPubkey, newNostrKey, type NostrKey, nostrKeyOf } from './key.js';
export { RelayLink, type Subscriber, type Subscription } from './relay-link.js';
export type { RelayFilter } from './relay-filter.js';
