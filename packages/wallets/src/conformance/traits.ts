/**
 * How a wallet that receives differs from LND, where it may. Everything left out is as with LND. No trait takes a rule about money away: an
 * amount that cannot be issued exactly is refused, and what is not settled is never called settled.
 */
export interface IssuerTraits {
  /** It counts in satoshis: any other amount must be refused with `WALLET_REFUSED`, not rounded. */
  readonly wholeSatsOnly?: boolean;
  /** The longest description it takes, in characters (ASCII), where that is less than the 639 that BOLT 11 carries; a longer one must be refused with `WALLET_REFUSED`, not cut. */
  readonly longestDescription?: number;
  /** How long after the payer has the preimage a look-up may still say `open` or `held`. */
  readonly settlementShowsWithinMs?: number;
  /** How long after the expiry a look-up of an unpaid invoice may still say `open`. */
  readonly closedShowsWithinMs?: number;
}

/**
 * How a wallet that pays differs from LND, where it may. Everything left out is as with LND. No trait takes a rule about money away: settled only
 * with a preimage that fits, failed never for what may settle, one invoice paid once, and the books agree in the end.
 */
export interface PayerTraits {
  /** Why a payment failed is not told exactly: any `reason` will do; the state is checked all the same. */
  readonly failureReasonsInexact?: boolean;
  /** A refusal (no invoice, expired, balance too small, cancelled) may be answered `unknown` instead of `failed`; it costs nothing all the same. */
  readonly refusalsMayBeUnknown?: boolean;
  /** It keeps no record of a payment that failed or was refused: its look-up may say `notFound` instead of `failed`. */
  readonly forgetsFailedPayments?: boolean;
  /** An invoice that failed once is not tried again there: a second try may answer `unknown`. */
  readonly failedInvoiceCannotBeRetried?: boolean;
  /**
   * A second payment that the caller claims to be the first may be answered `failed`, since that second request will not settle. With `mayHaveBeenSentBefore` it
   * may never be.
   */
  readonly secondPaymentMaySayFailed?: boolean;
  /** A second payment may be answered with the outcome of the first: `settled`, and the same preimage. */
  readonly secondPaymentMaySaySettled?: boolean;
  /** Its balance is told in whole satoshis: a difference of two balances may be off by less than one. */
  readonly balanceInWholeSats?: boolean;
  /** How long after an outcome its balance, or the fee of the payment, may still change. */
  readonly booksSettleWithinMs?: number;
}
