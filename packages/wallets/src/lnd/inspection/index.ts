export { inspectLnd } from './inspect-lnd.js';
export { type DecodedPowers, excessLndPowers, type LndMacaroonUse, readLndPowers } from './macaroon-powers.js';
