export type { ConformanceCase, ConformanceNeed } from './conformance-case.js';
export { heldInvoiceCases, issuerCases, type IssuerSubject } from './issuer/index.js';
export { type InvoiceToPay, payerCases, type PayerSubject } from './payer/index.js';
export {
  type CaseResult,
  type OwnWallet,
  testWallet,
  type WalletTestOptions,
  type WalletTestReport,
} from './run/index.js';
export type { IssuerTraits, PayerTraits } from './traits.js';
