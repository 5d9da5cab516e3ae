import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `egress` room. */
export const egressErrors = {} as const satisfies Record<string, ErrorEntry>;
