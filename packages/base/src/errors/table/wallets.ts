import type { ErrorEntry } from '../error-entry.js';

/** Rows of the `wallets` room. */
export const walletsErrors = {
  WALLET_UNREACHABLE: {
    message: 'The wallet could not be reached.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Check that the wallet runs and that its address is right, then try again.',
  },
  WALLET_TIMEOUT: {
    message: 'The wallet did not answer in time.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Try again; if it stays slow, look at the wallet.',
  },
  WALLET_REFUSED: {
    message: 'The wallet refused the call.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Read the detail, mend the call or the wallet, then try again.',
  },
  WALLET_PERMISSION_DENIED: {
    message: 'The wallet credential does not allow this call.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Use a credential with the permission that the detail names.',
  },
  WALLET_ANSWER_INVALID: {
    message: 'The wallet answered something that cannot be understood.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Check that the address is that of a wallet of this kind, and its version.',
  },
  WALLET_CLOCK_OFF: {
    message: 'The clock of the wallet and the clock of this machine are too far apart.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Set the clocks of both machines from the network (NTP); satway doctor tells how far they are apart.',
  },
  WALLET_NETWORK_MISMATCH: {
    message: 'The wallet is on another network than the one that is asked for.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep: 'Use a wallet on the network that is configured.',
  },
  WALLET_TLS_MISMATCH: {
    message: 'The wallet shows another TLS certificate than the pinned one.',
    httpStatus: 503,
    fundsMoved: 'no',
    nextStep:
      'If its certificate was renewed, compare the new fingerprint on the wallet’s own machine, then pin that file or fingerprint; otherwise do not trust it.',
  },
  WALLET_NOT_CONFIGURED: {
    message: 'No wallet is configured, or its configuration cannot be read.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Set the variable or option that the detail names.',
  },
  WALLET_PROMISE_BROKEN: {
    message: 'The wallet does not do what every wallet must do.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Read the detail, and use this wallet for no money before it is mended.',
  },
  WALLET_SPENDING_LIMIT: {
    message: 'The payment could pass the spending limit.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Raise the limit if that much may be spent.',
  },
  WALLET_COUNTERPART_FAILED: {
    message: 'The second wallet of the test could not do its part.',
    httpStatus: null,
    fundsMoved: 'unknown',
    nextStep: 'Look at the second wallet; the test says nothing about the first one.',
  },
  SANDBOX_NETWORK_REFUSED: {
    message: 'The sandbox network knows regtest only.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Use a real wallet for any other network.',
  },
  SANDBOX_NODE_UNKNOWN: {
    message: 'The sandbox network has no such node.',
    httpStatus: 404,
    fundsMoved: 'no',
    nextStep: 'Add the node, or use one of those that the books list.',
  },
  SANDBOX_AMOUNT_INVALID: {
    message: 'The sandbox network cannot hold that amount.',
    httpStatus: 400,
    fundsMoved: 'no',
    nextStep: 'Give a whole number of millisatoshis that is not negative and stays within safe integers.',
  },
  SANDBOX_REQUEST_INVALID: {
    message: 'The request to the sandbox’s control endpoint cannot be understood.',
    httpStatus: 400,
    fundsMoved: 'no',
    nextStep: 'Mend the field that the detail names.',
  },
  SANDBOX_PORT_UNUSABLE: {
    message: 'The sandbox network cannot listen on that port.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Choose another port, or 0 for a free one.',
  },
  SANDBOX_STATE_UNUSABLE: {
    message: 'The state file of the sandbox network cannot be used.',
    httpStatus: null,
    fundsMoved: 'no',
    nextStep: 'Name a file that this program wrote, or one that does not exist, in a folder that can be written.',
  },
} as const satisfies Record<string, ErrorEntry>;
