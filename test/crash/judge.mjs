// What became of the money: the wallet's books against the journal.
import { createHash } from 'node:crypto';
import { openPurchaseStore } from '@satway/client';

/** States in which nothing more is to come. */
const FINAL = new Set(['redeemed', 'failed']);

/**
 * Counts what must never happen.
 *
 * `lost`: settled in the wallet's books without a verified preimage in the journal, or claimed and then unusable. `paidTwice`: more than one settled
 * payment for one logical call. `unresolved`: not final after recovery and one retry.
 */
export function judge({ plan, answered, storePath, books }) {
  const store = openPurchaseStore({ path: storePath });
  try {
    const purchases = store.journal.list(Number.MAX_SAFE_INTEGER);
    const byHash = new Map(purchases.map((purchase) => [purchase.paymentHashHex, purchase]));
    const settled = books.nodes
      .find(({ name }) => name === 'buyer')
      .payments.filter(({ state }) => state === 'SUCCEEDED');
    const keysOfSettled = settled.map(({ paymentHashHex }) => byHash.get(paymentHashHex)?.idempotencyKey);
    return {
      lost:
        settled.filter(({ paymentHashHex }) => !hasPreimage(store, byHash.get(paymentHashHex), paymentHashHex)).length +
        refused(purchases),
      paidTwice: repeats(keysOfSettled),
      unresolved:
        plan.filter(({ number }) => !answered.has(number)).length +
        purchases.filter(({ state }) => !FINAL.has(state)).length,
    };
  } finally {
    store.close();
  }
}

function hasPreimage(store, purchase, paymentHashHex) {
  if (purchase === undefined) return false;
  const credential = store.credentials.ofPurchase(purchase.purchaseId);
  return (
    credential !== null &&
    createHash('sha256').update(Buffer.from(credential.preimageHex, 'hex')).digest('hex') === paymentHashHex
  );
}

/** Paid, and the seller would not honour it. */
function refused(purchases) {
  return purchases.filter(({ state, outcome }) => state === 'redeemed' && outcome === 'refused').length;
}

function repeats(keys) {
  return keys.length - new Set(keys).size;
}
