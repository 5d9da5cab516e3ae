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
} from './claim-store/index.js';
export {
  type Claim,
  type Decision,
  type Gate,
  type GateAnswer,
  type GateEvent,
  type GateOptions,
  type Grant,
  outcomeHeaders,
  PAYMENT_CODE_HEADER,
  PAYMENT_OUTCOME_HEADER,
  type PaymentFacts,
  type PaymentOutcomeName,
  type RandomSource,
  type RequestFacts,
  wireCode,
} from './engine/index.js';
export { DEFAULT_GATE_LIMITS, type GateLimits, type Limit, NO_GATE_LIMITS } from './limits/index.js';
export {
  DEFAULT_CREDENTIAL_LIFE_MS,
  DEFAULT_LEASE_MS,
  type Endpoint,
  parseRoutePattern,
  type Price,
} from './routes/index.js';
