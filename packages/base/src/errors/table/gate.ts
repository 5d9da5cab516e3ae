import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `gate` room. */
export const gateErrors = {} as const satisfies Record<string, ErrorEntry>;
