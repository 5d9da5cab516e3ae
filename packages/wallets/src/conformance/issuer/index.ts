import type { ConformanceCase } from '../conformance-case.js';
import { invoiceCases } from './invoice-cases.js';
import type { IssuerSubject } from './issuer-subject.js';
import { settlementCases } from './settlement-cases.js';

export { issuerHas, type IssuerSubject } from './issuer-subject.js';
export { heldInvoiceCases } from './settlement-cases.js';

/** What every `InvoiceIssuer` promises; small amounts, so that it can run on real nodes. */
export const issuerCases: readonly ConformanceCase<IssuerSubject>[] = [...invoiceCases, ...settlementCases];
