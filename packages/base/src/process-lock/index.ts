export { acquireProcessLock, isProcessLockHeld, type ProcessLock } from './process-lock.js';
