export { diagnoseLndPayment, type LndPaymentDiagnosis } from './diagnosis/index.js';
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
