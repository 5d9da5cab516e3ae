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
} from './claim-store.js';
export { createMemoryClaimStore, type MemoryClaimStoreOptions } from './memory/index.js';
