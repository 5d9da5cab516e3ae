export { createMemoryClaimStore, type MemoryClaimStoreOptions } from './memory-claim-store.js';
