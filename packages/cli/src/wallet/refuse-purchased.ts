import { existsSync } from 'node:fs';
import { SatwayError } from '@satway/base';
import { openPurchaseStore, type Purchase } from '@satway/client';

/** More purchases than these are looked through only as far as their end is not known. */
const NEWEST = 10_000;

/**
 * An invoice that `satway pay` has paid, or may have, is not paid by hand as well: not every wallet refuses a second payment.
 *
 * @param storePath - the file of purchases; none is made where there is none.
 * @throws {SatwayError} `PAYMENT_HASH_REUSED`, and what opening the store throws. Funds moved: no.
 */
export function refusePurchased(storePath: string, paymentHashHex: string): void {
  if (!existsSync(storePath)) return;
  const store = openPurchaseStore({ path: storePath });
  try {
    const purchases = [...store.journal.listUnresolved(), ...store.journal.list(NEWEST)];
    const purchase = purchases.find((each) => each.paymentHashHex === paymentHashHex && mayHavePaid(each));
    if (purchase === undefined) return;
    throw new SatwayError('PAYMENT_HASH_REUSED', {
      detail: `It is that of a call of ${purchase.origin}, whose payment is ${purchase.state}.`,
      facts: { paymentHashHex },
    });
  } finally {
    store.close();
  }
}

/** Where a person ended a payment by hand, nothing proves that it failed. */
function mayHavePaid({ state, failure }: Purchase): boolean {
  return state !== 'failed' || failure === 'written_off' || failure === 'released';
}
