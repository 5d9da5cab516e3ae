export { advertisedByParams, advertisedByPayment } from './advertised.js';
export { type ChallengeBodyInput, challengeBody, formatL402Challenge, type OfferedInvoice } from './emit.js';
export {
  type Challenge,
  type L402Challenge,
  type OtherChallenge,
  type PaymentChallenge,
  parseChallenges,
} from './parse.js';
export { type BodyChallenge, parseChallengeBody } from './parse-body.js';
