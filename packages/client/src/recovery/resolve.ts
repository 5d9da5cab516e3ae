import type { Purchase } from '../journal/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { isInvoiceDead } from '../purchase/dead-invoice.js';
import { type RecordedOutcome, recordFailed, recordOutcome, recordUnknown } from '../purchase/pay.js';

/** What a look-up showed, and whether the wallet knows nothing of the payment (then the same invoice may be sent again). */
export type Resolution = RecordedOutcome & { readonly notFound?: boolean };

/**
 * Asks the wallet what became of a payment in our hands, and writes it down. Never pays, never speaks to a seller. A wallet that cannot be
 * asked leaves the purchase unknown.
 */
export async function resolve(context: ClientContext, purchase: Purchase): Promise<Resolution> {
  let found: Awaited<ReturnType<ClientContext['wallet']['lookUp']>>;
  try {
    found = await context.wallet.lookUp(purchase.paymentHashHex);
  } catch (error) {
    return recordUnknown(context, purchase, error instanceof Error ? error.message : 'The wallet cannot be asked.');
  }
  if (found.state !== 'notFound') return recordOutcome(context, purchase, found);
  if (canNeverSettle(purchase, found.walletNowMs))
    return recordFailed(context, purchase, 'expired: never seen by the wallet');
  return { ...recordUnknown(context, purchase, 'The wallet has no record yet.'), notFound: true };
}

/**
 * A wallet without a record may still have the request in its socket, and it checks the expiry when it handles the request: so only an invoice that
 * expired by the wallet's own clock can be given up, and never one that was seen in flight, whose record then was deleted.
 */
function canNeverSettle(purchase: Purchase, walletNowMs: number | null): boolean {
  return !purchase.seenInFlight && isInvoiceDead(purchase, walletNowMs);
}
