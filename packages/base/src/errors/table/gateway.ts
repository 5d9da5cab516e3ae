import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `gateway` room. */
export const gatewayErrors = {} as const satisfies Record<string, ErrorEntry>;
