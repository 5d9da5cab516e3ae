export { addHeldInvoice } from './held-invoice.js';
export type { HttpsAnswer, LineStream } from './https-request.js';
export type { BalancesMsat, LndNode } from './lnd.js';
export { parseJson } from './parse-json.js';
export { addInvoice, type AddedInvoice, payInvoice, type PaymentLine, sendRequest, urlSafe } from './payments.js';
export { PROBE_MSAT, type RegtestNetwork, startRegtestNetwork } from './regtest-network.js';
export { waitUntil } from './wait-until.js';
