export { inspectLnd } from './inspect-lnd.js';
export { createLndIssuer, type LndIssuerOptions } from './lnd-issuer.js';
export { connectLndPayer, type LndPayerOptions } from './lnd-payer.js';
export type { LndConnectionOptions } from './lnd-rest.js';
export { excessLndPowers, type LndMacaroonUse } from './macaroon-powers.js';
