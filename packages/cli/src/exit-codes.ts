import { type ErrorCode, SatwayError } from '@satway/base';

/** What the command says to the shell. The numbers are a promise. */
export const EXIT = {
  ok: 0,
  /** Something failed that has no number of its own. */
  failure: 1,
  /** The command was called wrongly, or its configuration is wrong. */
  usage: 2,
  /** It costs more than the limits allow; nothing was paid. */
  tooExpensive: 3,
  /** The payment failed for certain; nothing was paid. */
  paymentFailed: 4,
  /** The payment may have gone out; the next call looks it up. */
  paymentUnknown: 5,
  /** The seller or the wallet could not be reached, or the connection broke. */
  network: 6,
  /** The seller's offer was refused: its price lies, or its invoice cannot be paid, or is another payment's. This run paid nothing. */
  offerRefused: 7,
  /** It was paid and the seller did not deliver; the credential is kept. */
  notDelivered: 8,
  /** The answer's status is 400 or above. */
  httpError: 9,
  /** Nobody knows whether an invoice of ours was paid: the wallet could not be asked to the end. */
  invoiceUnknown: 10,
} as const;

/** Errors with an exit code of their own; every other ends with 1. */
const EXIT_BY_CODE: Partial<Record<ErrorCode, number>> = {
  CLI_USAGE: EXIT.usage,
  RECEIPT_INVALID: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  MCP_SETTINGS_INVALID: EXIT.usage,
  WALLET_TOO_POWERFUL: EXIT.usage,
  CONFIG_UNREADABLE: EXIT.usage,
  CREDENTIAL_STORE_REFUSED: EXIT.usage,
  CREDENTIAL_FILE_INVALID: EXIT.usage,
  CREDENTIAL_NOT_FOUND: EXIT.usage,
  KEY_FILE_INVALID: EXIT.usage,
  WALLET_NOT_CONFIGURED: EXIT.usage,
  EGRESS_URL_INVALID: EXIT.usage,
  CALL_INVALID: EXIT.usage,
  CLIENT_OPTIONS_INVALID: EXIT.usage,
  PRICE_ABOVE_LIMIT: EXIT.tooExpensive,
  WALLET_SPENDING_LIMIT: EXIT.tooExpensive,
  BUDGET_EXHAUSTED: EXIT.tooExpensive,
  BUDGET_FROZEN: EXIT.tooExpensive,
  PAYMENT_FAILED: EXIT.paymentFailed,
  PAYMENT_UNKNOWN: EXIT.paymentUnknown,
  PURCHASE_UNDER_WAY: EXIT.paymentUnknown,
  PURCHASE_OF_OTHER_WALLET: EXIT.paymentUnknown,
  PURCHASE_NOT_DECIDABLE: EXIT.paymentUnknown,
  PREIMAGE_WRONG: EXIT.paymentUnknown,
  EGRESS_UNREACHABLE: EXIT.network,
  EGRESS_TIMEOUT: EXIT.network,
  EGRESS_BROKEN: EXIT.network,
  EGRESS_TLS_MISMATCH: EXIT.network,
  WALLET_TLS_MISMATCH: EXIT.network,
  WALLET_UNREACHABLE: EXIT.network,
  WALLET_TIMEOUT: EXIT.network,
  REDEMPTION_REFUSED: EXIT.notDelivered,
  PAID_CREDENTIAL_REFUSED: EXIT.notDelivered,
  SELLER_STOPPED: EXIT.notDelivered,
  ANSWER_LOST: EXIT.notDelivered,
  ANSWER_NOT_DELIVERED: EXIT.notDelivered,
  CLAIM_STILL_RUNNING: EXIT.notDelivered,
  OFFER_UNREADABLE: EXIT.offerRefused,
  PAYMENT_HASH_REUSED: EXIT.offerRefused,
  AMOUNT_OUT_OF_RANGE: EXIT.offerRefused,
};

/** The exit code for a failure. Whatever is wrong with an invoice or an offer is one case. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof SatwayError)) return EXIT.failure;
  return EXIT_BY_CODE[error.code] ?? (/^(INVOICE|OFFER)_/.test(error.code) ? EXIT.offerRefused : EXIT.failure);
}
