export { inspectNwc } from './inspect-nwc.js';
export { type ConnectionToMint, mintNwcConnection } from './mint-connection.js';
export { createNwcIssuer, type NwcIssuerOptions } from './nwc-issuer.js';
export { connectNwcPayer, type NwcPayerOptions } from './nwc-payer.js';
export type { NwcConnectionOptions } from './nwc-service.js';
