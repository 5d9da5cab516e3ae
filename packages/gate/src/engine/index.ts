export type { KeptAnswer } from '../claim-store/index.js';
export { problemAnswer, type ProblemOptions, replayUnavailableAnswer } from './answers.js';
export { createGate } from './create-gate.js';
export type { Claim, Decision, GateAnswer, Grant, PaymentFacts, RequestFacts } from './decision.js';
export { systemRandom } from './engine-parts.js';
export type { Gate, GateOptions, RandomSource, RevokeDecision } from './gate.js';
export type { GateEvent } from './gate-event.js';
export {
  outcomeHeaders,
  PAYMENT_CODE_HEADER,
  PAYMENT_OUTCOME_HEADER,
  type PaymentOutcomeName,
  wireCode,
} from './payment-outcome.js';
export { carriesCredential } from './presented.js';
