export {
  type DecodedInvoice,
  decodeInvoice,
  encodeInvoice,
  type FallbackAddress,
  type FieldLetter,
  type InvoicePrefix,
  type InvoiceToEncode,
  MAX_INVOICE_LENGTH,
  msatFromDecoded,
  type ReadInvoice,
  type RouteHop,
  readOwnInvoice,
} from './bolt11/index.js';
export type { BitcoinNetwork } from './network.js';
export { ok, type Refusal, type Result, refuse } from './result.js';
