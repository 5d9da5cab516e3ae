export {
  type ErrorCode,
  type ErrorEntry,
  errorTable,
  errorTableByRoom,
  type FundsMoved,
  isSatwayError,
  SatwayError,
  type SatwayErrorOptions,
} from './errors/index.js';
