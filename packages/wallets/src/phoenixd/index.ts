export { inspectPhoenixd } from './inspect-phoenixd.js';
export type { PhoenixdConnectionOptions } from './phoenixd-api.js';
export { createPhoenixdIssuer, type PhoenixdIssuerOptions } from './phoenixd-issuer.js';
export { connectPhoenixdPayer, type PhoenixdPayerOptions } from './phoenixd-payer.js';
