export type { ClientEvent, CredentialSource, EventListener } from './events.js';
export { L402Client, type TryFetchResult } from './l402-client.js';
export { L402Error } from './l402-error.js';
export type { ApprovalRequest, ClientWatchOptions, Clock, L402ClientOptions, PaymentFacts } from './options.js';
