export type { HttpsAnswer, LineStream } from './https-request.js';
export type { BalancesMsat, LndNode } from './lnd.js';
export { parseJson } from './parse-json.js';
export { addInvoice, type AddedInvoice, payInvoice, type PaymentLine, sendRequest } from './payments.js';
export { type RegtestNetwork, startRegtestNetwork } from './regtest-network.js';
export { waitUntil } from './wait-until.js';
