export type {
  Anomaly,
  AnomalyEvent,
  AnomalyOptions,
  HostSpending,
  SpendingHistory,
  SpendingRateOptions,
  WebhookOptions,
} from './anomaly/index.js';
export {
  type Approval,
  type ApprovalDecision,
  type ApprovalFacts,
  type ApprovalRefusal,
  type Approvals,
  type ApprovalState,
  isApprovalId,
} from './approvals/index.js';
export type {
  BudgetLimits,
  BudgetState,
  Budgets,
  LimitName,
  LimitState,
  SpendingLimits,
  SpendingStop,
} from './budget/index.js';
export type {
  CacheKey,
  CredentialCache,
  ImportPlace,
  KeptCredential,
  KeptCredentials,
  PaidCredential,
} from './credential-cache/index.js';
export {
  type CredentialDescription,
  type CredentialFetchOptions,
  type CredentialFetchResult,
  type CredentialUse,
  type Delegation,
  type DelegationLimits,
  type DelegationSource,
  delegate,
  describeCredential,
  fetchWithCredential,
  type ObtainedCost,
  type ObtainedCredential,
} from './delegation/index.js';
export type {
  ChallengeNotice,
  ClientHooks,
  PaidNotice,
  QuoteNotice,
  RedeemedNotice,
  UnknownNotice,
} from './hooks/index.js';
export type {
  CalledThing,
  ProvenPayment,
  Purchase,
  PurchaseJournal,
  PurchaseQuery,
  PurchaseState,
  Quote,
  ReservationLimits,
  ResendLimits,
  StepResult,
  UnusedPurchase,
} from './journal/index.js';
export { fundsMovedFor, OWN_OUTCOMES } from './journal/index.js';
export {
  type AllowAndDeny,
  type ApprovalRequest,
  type Approver,
  type ClientEvent,
  type ClientLimits,
  type ClientWatchOptions,
  type Clock,
  type CredentialSource,
  type EventListener,
  L402Client,
  type L402ClientOptions,
  L402Error,
  type PaidElsewhere,
  type PaymentFacts,
  type PerCallOptions,
  type SubClientOptions,
  type TryFetchResult,
} from './l402-client/index.js';
export {
  createPreviewer,
  type Preview,
  type PreviewedOffer,
  type Previewer,
  type PreviewerOptions,
} from './preview/index.js';
export {
  collectReceipts,
  type FileFault,
  type ReceiptFormat,
  type ReceiptQuery,
  type ReceiptTotals,
  type ReceiptVerification,
  verifyReceipts,
  writeReceipts,
} from './receipts/index.js';
export type { PricedToolCall, ToolAnswer, ToolPerformed } from './priced-tools/index.js';
export {
  type ManualDecision,
  type ManualEnd,
  type RecoveryReport,
  releaseAbandoned,
  settleFailed,
  settleUnresolved,
  type UnresolvedFinding,
  type UnresolvedParts,
} from './recovery/index.js';
export type { KnownSession, Session, Sessions } from './sessions/index.js';
export {
  openPurchaseStore,
  type PurchaseStore,
  type PurchaseStoreOptions,
  purchaseStorePathIn,
  satwayHome,
} from './store/index.js';
export { type FoundToken, findTokens, lngetPathOf, readTokenFile, type TokenFile } from './token-file/index.js';
export { type Keychain, type KeychainUse, keyFileOf } from './vault/index.js';
export { createPayingFetch, findL402Error } from './wrappers/index.js';
