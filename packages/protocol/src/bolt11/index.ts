export { msatFromDecoded } from './amount.js';
export { decodeInvoice, readOwnInvoice } from './decode.js';
export { encodeInvoice, type InvoiceToEncode } from './encode.js';
export type { FieldLetter } from './fields.js';
export {
  type DecodedInvoice,
  type FallbackAddress,
  type InvoicePrefix,
  MAX_INVOICE_LENGTH,
  type ReadInvoice,
  type RouteHop,
} from './invoice.js';
