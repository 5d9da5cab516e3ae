export type {
  AnswerToKeep,
  ClaimRef,
  ClaimRequest,
  ClaimResult,
  ClaimStore,
  CounterTake,
  IdempotencyClaim,
  KeptAnswer,
  PaymentRef,
  Revocation,
  RevokeResult,
} from './claim-store.js';
export { createMemoryClaimStore, type MemoryClaimStoreOptions } from './memory/index.js';
