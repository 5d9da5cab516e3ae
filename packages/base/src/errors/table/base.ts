import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `base` room. */
export const baseErrors = {
  PROCESS_LOCK_HELD: {
    message: 'Another process holds the lock on this folder.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Stop the other process, or give this one a folder of its own.',
  },
  PROCESS_LOCK_FAILED: {
    message: 'The lock file could not be opened.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Check that the folder exists, is writable, and lies on a local disk.',
  },
  INTERNAL: {
    message: 'Something happened that should not be possible.',
    httpStatus: 500,
    fundsMoved: 'unknown',
    nextStep: 'Look at the log around this request, then look the payment up before trying again.',
  },
} as const satisfies Record<string, ErrorEntry>;
