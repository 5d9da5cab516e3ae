export {
  type ChallengeNotice,
  checkHooks,
  type ClientHooks,
  type PaidNotice,
  type QuoteNotice,
  type RedeemedNotice,
  type UnknownNotice,
  withoutApprover,
} from './hooks.js';
export { createNotices } from './notices.js';
export { callQuietly } from './quietly.js';
