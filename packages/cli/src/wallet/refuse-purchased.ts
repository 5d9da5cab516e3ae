import { existsSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { fundsMovedFor, openPurchaseStore } from '@satway/client';

/**
 * An invoice that `satway pay` has paid, or may have, is not paid by hand as well: not every wallet refuses a second payment.
 *
 * @param storePaths - the files of purchases; none is made where there is none.
 * @throws {SatwayError} `PAYMENT_HASH_REUSED` (funds moved: yes or unknown, as for the purchase), and what opening a store throws.
 */
export function refusePurchased(storePaths: readonly string[], paymentHashHex: string): void {
  for (const path of storePaths) if (existsSync(path)) refusePurchasedIn(path, paymentHashHex);
}

function refusePurchasedIn(path: string, paymentHashHex: string): void {
  const store = openPurchaseStore({ path });
  try {
    const purchase = store.journal.findByHash(paymentHashHex).find((each) => fundsMovedFor(each) !== 'no');
    if (purchase === undefined) return;
    throw new SatwayError('PAYMENT_HASH_REUSED', {
      detail: `It is that of a call of ${purchase.origin}, whose payment is ${purchase.state}; it is written down in ${path}.`,
      fundsMoved: fundsMovedFor(purchase),
      facts: { paymentHashHex },
    });
  } finally {
    store.close();
  }
}
