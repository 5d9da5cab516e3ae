import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `cli` room. */
export const cliErrors = {
  CLI_USAGE: {
    message: 'The command was called in a way that it does not understand.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Read the detail, or call the command with --help.',
  },
} as const satisfies Record<string, ErrorEntry>;
