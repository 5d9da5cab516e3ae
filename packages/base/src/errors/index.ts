export type { ErrorEntry, FundsMoved } from './error-entry.js';
export { type ErrorCode, errorTable, errorTableByRoom } from './error-table.js';
export { isSatwayError, SatwayError, type SatwayErrorOptions } from './satway-error.js';
