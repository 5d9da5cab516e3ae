export {
  createFileDurably,
  makeFolderDurably,
  replaceFileDurably,
  syncFile,
  syncFolder,
} from './durable-files/index.js';
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
export { acquireProcessLock, isProcessLockHeld, type ProcessLock } from './process-lock/index.js';
export { isSecretName, REDACTED, redact, redactText } from './redaction/index.js';
