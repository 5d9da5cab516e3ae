export { readLndOperations, writeLndIdentifier } from './identifier.js';
export { macaroonHexOf } from './macaroon-hex.js';
export { type Operation, type Permission, permits } from './operations.js';
