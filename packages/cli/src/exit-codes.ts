import { type ErrorCode, SatwayError } from '@satway/base';

/** What the command says to the shell. The numbers are a promise. */
export const EXIT = {
  ok: 0,
  /** Something failed that has no number of its own. */
  failure: 1,
  /** The command was called wrongly, or its configuration is. */
  usage: 2,
  /** It costs more than the limits allow; nothing was paid. */
  tooExpensive: 3,
  /** The payment failed for certain; nothing was paid. */
  paymentFailed: 4,
  /** The payment may have gone out; it is looked up at the next call. */
  paymentUnknown: 5,
  /** The other side could not be reached, or the connection broke. */
  network: 6,
  /** The seller's offer was refused (its price lies, its invoice is not payable); nothing was paid. */
  offerRefused: 7,
  /** The answer has a status of 400 or above. */
  httpError: 8,
} as const;

/** Errors with an exit code of their own; every other ends with 1. */
const EXIT_BY_CODE: Partial<Record<ErrorCode, number>> = {
  CLI_USAGE: EXIT.usage,
  EGRESS_URL_INVALID: EXIT.usage,
  EGRESS_UNREACHABLE: EXIT.network,
  EGRESS_TIMEOUT: EXIT.network,
  EGRESS_BROKEN: EXIT.network,
  EGRESS_TLS_MISMATCH: EXIT.network,
  WALLET_UNREACHABLE: EXIT.network,
  WALLET_TIMEOUT: EXIT.network,
};

/** The exit code for a failure. */
export function exitCodeOf(error: unknown): number {
  return error instanceof SatwayError ? (EXIT_BY_CODE[error.code] ?? EXIT.failure) : EXIT.failure;
}
