import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `gate` room. */
export const gateErrors = {
  STORE_UNAVAILABLE: {
    message: 'The store that counts payments cannot answer.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Send the same request with the same credential again a little later.',
  },
} as const satisfies Record<string, ErrorEntry>;
