export { readLndOperations, writeLndIdentifier } from './identifier.js';
export { type Operation, type Permission, permits } from './operations.js';
