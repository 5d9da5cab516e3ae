import type { Purchase } from '../journal/index.js';

/** How long after an invoice's expiry, by the wallet's clock, no request for it that still lies in a socket can be paid any more. */
const EXPIRY_MARGIN_MS = 60_000;

/**
 * Whether the wallet will refuse every request for this invoice from now on, those it has not looked at yet too: it checks the expiry when it handles a
 * request. `null`: the wallet tells no time, so nobody knows.
 */
export function isInvoiceDead(purchase: Purchase, walletNowMs: number | null): boolean {
  return walletNowMs !== null && walletNowMs > purchase.invoiceExpiresAtMs + EXPIRY_MARGIN_MS;
}
