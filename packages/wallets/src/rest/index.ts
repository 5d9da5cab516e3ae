export { checkInvoiceRequest, readIssuedInvoice } from './issued-invoice.js';
export { asObject, hexOfBytes, integerOf, type Json, parseJsonObject, textOf } from './json.js';
export { checkPaymentHash } from './payment-hash.js';
export { mayHaveBeenSent, walletError } from './wallet-error.js';
