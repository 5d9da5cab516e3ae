export { inspectLnd } from './inspect-lnd.js';
export { excessLndPowers, type LndMacaroonUse } from './macaroon-powers.js';
