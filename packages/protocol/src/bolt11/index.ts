export { msatFromDecoded } from './amount.js';
export { decodeInvoice, MAX_INVOICE_LENGTH, readOwnInvoice } from './decode.js';
export { encodeInvoice, type InvoiceToEncode } from './encode.js';
export type { FieldLetter } from './fields.js';
export type { DecodedInvoice, FallbackAddress, InvoicePrefix, ReadInvoice, RouteHop } from './invoice.js';
