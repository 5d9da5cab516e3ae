export type { ClientEvent, CredentialSource, EventListener } from './events.js';
export { L402Client, type TryFetchResult } from './l402-client.js';
export { L402Error } from './l402-error.js';
export type {
  AllowAndDeny,
  ApprovalRequest,
  Approver,
  ClientLimits,
  ClientWatchOptions,
  Clock,
  L402ClientOptions,
  PaidElsewhere,
  PaymentFacts,
  PerCallOptions,
  SubClientOptions,
} from './options.js';
