export { addHeldInvoice } from './held-invoice.js';
export { runLncli } from './lncli.js';
export type { LndNode } from './lnd.js';
export { parseJson } from './parse-json.js';
export { addInvoice, payInvoice, sendRequest, urlSafe } from './payments.js';
export { PROBE_MSAT, type RegtestNetwork, startRegtestNetwork } from './regtest-network.js';
export { waitUntil } from './wait-until.js';
