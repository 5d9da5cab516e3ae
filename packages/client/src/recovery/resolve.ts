import { isSatwayError } from '@satway/base';
import type { InvoicePayer, PaymentLookUp } from '@satway/wallets';
import type { Purchase } from '../journal/index.js';
import { isInvoiceDead } from '../purchase/dead-invoice.js';
import { type Books, type RecordedOutcome, recordFailed, recordOutcome, recordUnknown } from '../purchase/pay.js';

/**
 * What a look-up showed as far as it is written down; what the wallet itself said, `null` where it could not be asked; and whether it knows nothing of the
 * payment (then the same invoice may be sent again).
 */
export type Resolution = RecordedOutcome & {
  readonly walletSays: PaymentLookUp['state'] | null;
  readonly notFound?: boolean;
  /** What the credential lacks to look a payment up: no later look-up with it will tell more. */
  readonly missingPermission?: string;
};

/**
 * Asks the wallet what became of a payment in our hands, and writes it down. Never pays, never speaks to a seller. A wallet that cannot be
 * asked leaves the purchase unknown.
 */
export async function resolve(
  context: Books & { readonly wallet: Pick<InvoicePayer, 'lookUp'> },
  purchase: Purchase,
): Promise<Resolution> {
  let found: PaymentLookUp;
  try {
    found = await context.wallet.lookUp(purchase.paymentHashHex);
  } catch (error) {
    const detail = error instanceof Error ? error.message : 'The wallet cannot be asked.';
    return { ...recordUnknown(context, purchase, detail), walletSays: null, ...missingFor(error) };
  }
  const walletSays = found.state;
  if (found.state !== 'notFound') return { ...recordOutcome(context, purchase, found), walletSays };
  if (canNeverSettle(context, purchase, found.walletNowMs))
    return { ...recordFailed(context, purchase, 'expired: never seen by the wallet'), walletSays };
  return { ...recordUnknown(context, purchase, 'The wallet has no record yet.'), walletSays, notFound: true };
}

function missingFor(error: unknown): Pick<Resolution, 'missingPermission'> {
  if (!isSatwayError(error, 'WALLET_PERMISSION_DENIED')) return {};
  const { missingPermission } = error.facts;
  return { missingPermission: typeof missingPermission === 'string' ? missingPermission : 'leave to look payments up' };
}

/**
 * A wallet without a record may still have the request in its socket, and it checks the expiry when it handles the request: so only an invoice that
 * expired by the wallet's own clock can be given up, and never one that was seen in flight, whose record then was deleted.
 */
function canNeverSettle({ store }: Books, purchase: Purchase, walletNowMs: number | null): boolean {
  // Since the purchase was read, the wallet may have said that it has the payment.
  const { seenInFlight } = store.journal.get(purchase.purchaseId) ?? purchase;
  return !seenInFlight && isInvoiceDead(purchase, walletNowMs);
}
