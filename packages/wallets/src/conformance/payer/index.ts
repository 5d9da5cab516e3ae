import type { ConformanceCase } from '../conformance-case.js';
import { heldPaymentCases } from './held-payment-cases.js';
import type { PayerSubject } from './payer-subject.js';
import { paymentCases } from './payment-cases.js';
import { refusalsOfPayee, refusalsWithoutPayee } from './refusal-cases.js';

export { type InvoiceToPay, payerHas, type PayerSubject } from './payer-subject.js';

/** What every `InvoicePayer` promises; small amounts, so that it can run on real nodes. What costs nothing comes first. */
export const payerCases: readonly ConformanceCase<PayerSubject>[] = [
  ...refusalsWithoutPayee,
  ...paymentCases,
  ...refusalsOfPayee,
  ...heldPaymentCases,
];
