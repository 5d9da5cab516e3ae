export type { Claim, Decision, GateAnswer, Grant, PaymentFacts, RequestFacts } from './decision.js';
export type { Gate, GateOptions, RandomSource } from './gate.js';
export type { GateEvent } from './gate-event.js';
export {
  outcomeHeaders,
  PAYMENT_CODE_HEADER,
  PAYMENT_OUTCOME_HEADER,
  type PaymentOutcomeName,
  wireCode,
} from './payment-outcome.js';
