export { inspectLnd } from './inspect-lnd.js';
export {
  type DecodedPowers,
  excessLndPowers,
  type LndMacaroonUse,
  readLndPowers,
  readOperations,
} from './macaroon-powers.js';
export { canLookUpPayments } from './missing-permissions.js';
