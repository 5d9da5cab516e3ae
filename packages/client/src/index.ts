export type { BudgetState, Budgets } from './budget/index.js';
export type { CacheKey, CredentialCache, PaidCredential } from './credential-cache/index.js';
export type {
  CalledThing,
  ProvenPayment,
  Purchase,
  PurchaseJournal,
  PurchaseState,
  Quote,
  StepResult,
} from './journal/index.js';
export type { ClientEvent, CredentialSource, EventListener } from './l402-client/events.js';
export { L402Error } from './l402-client/l402-error.js';
export type { ApprovalRequest, Clock, L402ClientOptions, PaymentFacts } from './l402-client/options.js';
export { openPurchaseStore, type PurchaseStore, type PurchaseStoreOptions } from './store/index.js';
