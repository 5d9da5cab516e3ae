import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `cli` room. */
export const cliErrors = {} as const satisfies Record<string, ErrorEntry>;
