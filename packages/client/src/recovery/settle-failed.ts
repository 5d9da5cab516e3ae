import { SatwayError } from '@satway/base';
import type { PaymentLookUp } from '@satway/wallets';
import { recordSettledAfterAll } from '../purchase/pay.js';
import type { UnresolvedParts } from './unresolved.js';

/**
 * Asks the wallet about a purchase that failed, or that a person ended, and books it where the wallet proves that it was paid after all: the money is gone. Anything else changes
 * nothing.
 *
 * @throws {SatwayError} `PURCHASE_UNDER_WAY` where a living process has it in hand; `PURCHASE_STATE_CONFLICT` where it has not failed, was never sent, or is another wallet's; `PURCHASE_STORE_FAILED`;
 * what the wallet's look-up throws.
 */
export async function settleFailed(
  { store, wallet }: Pick<UnresolvedParts, 'store' | 'wallet'>,
  purchaseId: string,
): Promise<PaymentLookUp> {
  const { journal } = store;
  if (!journal.adopt(purchaseId)) throw new SatwayError('PURCHASE_UNDER_WAY');
  try {
    const purchase = journal.get(purchaseId);
    // What was never sent from here was paid by somebody else, if it was.
    const isOurs = purchase?.state === 'failed' && purchase.sendCount > 0 && purchase.walletId === wallet.identity;
    if (!isOurs)
      throw new SatwayError('PURCHASE_STATE_CONFLICT', {
        detail: 'It has not failed, was never sent, or another wallet was to pay it.',
      });
    const found = await wallet.lookUp(purchase.paymentHashHex);
    if (found.state === 'settled') recordSettledAfterAll({ store, tell: () => undefined }, purchase, found);
    return found;
  } finally {
    journal.park(purchaseId);
  }
}
