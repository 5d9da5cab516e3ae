// What became of the money: the wallet's books against the journal.
import { createHash } from 'node:crypto';
import { openPurchaseStore } from '@satway/client';
import { countMoney } from './money.mjs';

/** States in which nothing more is to come. */
const FINAL = new Set(['redeemed', 'failed']);

/**
 * Counts what must never happen.
 *
 * `lost`: settled in the wallet's books without a verified preimage in the journal, claimed and then unusable, or not booked. `paidTwice`: more than one settled
 * payment for one logical call. `unresolved`: neither answered nor refused by a limit, or not final, after recovery and one retry.
 */
export function judge({ plan, answered, refused, storePath, books, hosts, options }) {
  const store = openPurchaseStore({ path: storePath, keychain: 'off' });
  try {
    const purchases = store.journal.list(Number.MAX_SAFE_INTEGER);
    const { payments } = books.nodes.find(({ name }) => name === 'buyer');
    const parts = { store, payments, purchases, hosts, limits: options, clockSpeed: options.clockSpeed };
    const { unbooked, ...money } = countMoney(parts);
    const settled = payments.filter(({ state }) => state === 'SUCCEEDED');
    const verdict = {
      lost: withoutProof(store, purchases, settled) + refusedAfterPayment(purchases) + unbooked,
      paidTwice: paidTwice(purchases, settled),
      unresolved:
        plan.filter(({ number }) => !answered.has(number) && !refused.has(number)).length +
        purchases.filter(({ state }) => !FINAL.has(state)).length,
    };
    return options.budgetSats === null ? verdict : { ...verdict, ...figures(money, options) };
  } finally {
    store.close();
  }
}

function figures({ spentMsat, overspentMsat }, { budgetSats }) {
  return { spentMsat, budgetMsat: budgetSats * 1000, overspent: overspentMsat };
}

function withoutProof(store, purchases, settled) {
  const byHash = new Map(purchases.map((purchase) => [purchase.paymentHashHex, purchase]));
  return settled.filter(({ paymentHashHex }) => !hasPreimage(store, byHash.get(paymentHashHex), paymentHashHex)).length;
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
function refusedAfterPayment(purchases) {
  return purchases.filter(({ state, outcome }) => state === 'redeemed' && outcome === 'refused').length;
}

function paidTwice(purchases, settled) {
  const keyOf = new Map(purchases.map(({ paymentHashHex, idempotencyKey }) => [paymentHashHex, idempotencyKey]));
  const keys = settled.map(({ paymentHashHex }) => keyOf.get(paymentHashHex));
  return keys.length - new Set(keys).size;
}
