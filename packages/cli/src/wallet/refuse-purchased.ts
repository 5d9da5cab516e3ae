import { existsSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { fundsMovedFor, openPurchaseStore } from '@satway/client';

/** More purchases than these are looked through only as far as their end is not known. */
const NEWEST = 10_000;

/**
 * An invoice that `satway pay` has paid, or may have, is not paid by hand as well: not every wallet refuses a second payment.
 *
 * @param storePath - the file of purchases; none is made where there is none.
 * @throws {SatwayError} `PAYMENT_HASH_REUSED` (funds moved: yes or unknown, as for the purchase), and what opening the store throws.
 */
export function refusePurchased(storePath: string, paymentHashHex: string): void {
  if (!existsSync(storePath)) return;
  const store = openPurchaseStore({ path: storePath });
  try {
    const purchases = [...store.journal.listUnresolved(), ...store.journal.list(NEWEST)];
    const purchase = purchases.find((each) => each.paymentHashHex === paymentHashHex && fundsMovedFor(each) !== 'no');
    if (purchase === undefined) return;
    throw new SatwayError('PAYMENT_HASH_REUSED', {
      detail: `It is that of a call of ${purchase.origin}, whose payment is ${purchase.state}.`,
      fundsMoved: fundsMovedFor(purchase),
      facts: { paymentHashHex },
    });
  } finally {
    store.close();
  }
}
