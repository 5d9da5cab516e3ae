import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `protocol` room. */
export const protocolErrors = {} as const satisfies Record<string, ErrorEntry>;
