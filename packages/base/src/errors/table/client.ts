import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `client` room. */
export const clientErrors = {} as const satisfies Record<string, ErrorEntry>;
