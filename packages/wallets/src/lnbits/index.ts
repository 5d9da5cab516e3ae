export type { LnbitsConnectionOptions } from './connection.js';
export { inspectLnbits } from './inspect-lnbits.js';
export { createLnbitsIssuer, type LnbitsIssuerOptions } from './lnbits-issuer.js';
export { connectLnbitsPayer, type LnbitsPayerOptions } from './lnbits-payer.js';
