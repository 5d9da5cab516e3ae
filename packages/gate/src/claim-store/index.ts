export type {
  AnswerToKeep,
  ClaimRef,
  ClaimRequest,
  ClaimResult,
  ClaimStore,
  CounterTake,
  IdempotencyClaim,
  KeptAnswer,
  Revocation,
} from './claim-store.js';
export { createMemoryClaimStore, type MemoryClaimStoreOptions } from './memory/index.js';
