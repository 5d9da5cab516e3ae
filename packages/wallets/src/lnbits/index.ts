export type { LnbitsConnectionOptions } from './connection.js';
export { inspectLnbits } from './inspect-lnbits.js';
export { createLnbitsIssuer, type LnbitsIssuerOptions } from './lnbits-issuer.js';
export { readLnbitsBalance } from './wallet-balance.js';
export { connectLnbitsPayer, connectLnbitsReader, type LnbitsPayerOptions } from './lnbits-payer.js';
