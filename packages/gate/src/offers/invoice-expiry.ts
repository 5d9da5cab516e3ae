import { SatwayError } from '@satway/base';

/** A longer life would only fill the wallet with open invoices. */
export const DEFAULT_INVOICE_EXPIRY_MS = 600_000;
/** Enough for a wallet to pay and for clocks that disagree a little. */
export const MIN_INVOICE_EXPIRY_MS = 10_000;
export const MAX_INVOICE_EXPIRY_MS = 7 * 86_400_000;

/** @throws {SatwayError} `LIMITS_INVALID`. */
export function completeInvoiceExpiryMs(given = DEFAULT_INVOICE_EXPIRY_MS): number {
  const isInRange = Number.isSafeInteger(given) && given >= MIN_INVOICE_EXPIRY_MS && given <= MAX_INVOICE_EXPIRY_MS;
  if (!isInRange) throw new SatwayError('LIMITS_INVALID', { detail: 'invoiceExpiryMs' });
  return given;
}
