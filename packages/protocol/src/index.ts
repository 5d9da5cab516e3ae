export type { BitcoinNetwork } from './network.js';
export { ok, type Refusal, type Result, refuse } from './result.js';
