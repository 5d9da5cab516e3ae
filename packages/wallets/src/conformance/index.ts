export type { ConformanceCase, ConformanceNeed } from './conformance-case.js';
export { heldInvoiceCases, issuerCases, issuerHas, type IssuerSubject } from './issuer/index.js';
export { type InvoiceToPay, payerCases, payerHas, type PayerSubject } from './payer/index.js';
export type { IssuerTraits, PayerTraits } from './traits.js';
