export { diagnoseLndPayment, type LndPaymentDiagnosis, type LndTraffic, readLndTraffic } from './diagnosis/index.js';
export {
  type DecodedPowers,
  excessLndPowers,
  inspectLnd,
  type LndMacaroonUse,
  readLndPowers,
} from './inspection/index.js';
export { createLndIssuer, type LndIssuerOptions } from './lnd-issuer.js';
export { connectLndPayer, type LndPayerOptions } from './lnd-payer.js';
export type { LndConnectionOptions } from './lnd-rest.js';
