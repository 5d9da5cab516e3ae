import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `cli` room. */
export const cliErrors = {
  CLI_USAGE: {
    message: 'The command was called in a way that it does not understand.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Read the detail, or call the command with --help.',
  },
  SYSTEM_REFUSED: {
    message: 'The operating system refused what the command needs.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep:
      'Mend the rights, the place or the port that the detail names, or name another. Where funds may have moved, see `satway wallet resolve` before paying again.',
  },
  DEMO_FAILED: {
    message: 'The demo did not end as it should.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Report it with the detail; without wallets of yours the money of the demo is of a test network.',
  },
  ANSWER_NOT_DELIVERED: {
    message: 'The answer was paid for and did not arrive where it should.',
    httpStatus: null,
    fundsMoved: 'yes',
    nextStep:
      'Mend what the detail or the cause names, then run the same command again: it pays nothing and asks for the answer once more.',
  },
} as const satisfies Record<string, ErrorEntry>;
