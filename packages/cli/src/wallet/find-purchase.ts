import { existsSync } from 'node:fs';
import { isSatwayError } from '@satway/base';
import { openPurchaseStore, type Purchase, type PurchaseStore, settleFailed, settleUnresolved } from '@satway/client';
import type { ReadingWallet } from '@satway/wallets';
import { type Finding, findPayment, listRecords } from './direct-payment/index.js';

/** Where payments of this machine are written down. */
export interface Journals {
  /** The files of purchases; none is made where there is none. */
  readonly storePaths: readonly string[];
  /** Of what was paid by hand. */
  readonly folder: string;
}

/**
 * Finds out what became of a payment: what the journal of purchases knows counts, what the wallet proves beyond that is written down there, and what was never a purchase is looked for among the
 * payments by hand. Never pays.
 *
 * @throws {SatwayError} as `findPayment`, and what opening a store throws.
 */
export async function findAnywhere(
  wallet: ReadingWallet,
  paymentHashHex: string,
  { storePaths, folder }: Journals,
): Promise<Finding> {
  for (const path of storePaths) {
    const finding = await inStore(path, async (store) => {
      const [purchase] = store.journal.findByHash(paymentHashHex);
      return purchase === undefined || isByHand(purchase, folder) ? null : findPurchase(store, wallet, purchase);
    });
    if (finding !== null) return finding;
  }
  return findPayment(wallet, paymentHashHex, folder);
}

/** What the journal of purchases says without any wallet: an end that no wallet can change, or that there is none yet; `null` where it says neither. */
export async function purchaseWithoutWallet(
  paymentHashHex: string,
  storePaths: readonly string[],
): Promise<Finding | null> {
  for (const path of storePaths) {
    const finding = await inStore(path, (store) => {
      const [purchase] = store.journal.findByHash(paymentHashHex);
      return purchase === undefined || purchase.state === 'failed' ? null : ofJournal(purchase);
    });
    if (finding !== null) return finding;
  }
  return null;
}

/** What a purchase did not pay may have been paid by hand, or by another program. */
function isByHand({ state, sendCount, paymentHashHex }: Purchase, folder: string): boolean {
  return state === 'failed' && (sendCount === 0 || listRecords(folder).includes(paymentHashHex));
}

async function inStore<T>(path: string, use: (store: PurchaseStore) => T | Promise<T>): Promise<T | null> {
  if (!existsSync(path)) return null;
  const store = openPurchaseStore({ path });
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

async function findPurchase(store: PurchaseStore, wallet: ReadingWallet, purchase: Purchase): Promise<Finding> {
  if (purchase.state === 'failed') return findFailed(store, wallet, purchase);
  if (purchase.state !== 'sending' && purchase.state !== 'unknown') return ofJournal(purchase);
  try {
    const found = await settleUnresolved({ store, wallet }, purchase.purchaseId);
    if (found.walletSays === 'inFlight') return { state: 'inFlight', detail: 'It may still settle or fail.' };
    return ofJournal(found.purchase, found.detail);
  } catch (error) {
    // In another process's hands, or another wallet's.
    if (!isSatwayError(error, 'PURCHASE_UNDER_WAY') && !isSatwayError(error, 'PURCHASE_STATE_CONFLICT')) throw error;
    return ofJournal(purchase, error.message);
  }
}

/** What ended without a payment is no reason to say so where its wallet knows better: what that proves is booked. */
async function findFailed(store: PurchaseStore, wallet: ReadingWallet, purchase: Purchase): Promise<Finding> {
  if (purchase.walletId !== wallet.identity) return ofJournal(purchase);
  const found = await settleFailed({ store, wallet }, purchase.purchaseId);
  if (found.state === 'inFlight') return { state: 'inFlight', detail: 'It may still settle or fail.' };
  return ofJournal(store.journal.get(purchase.purchaseId) ?? purchase);
}

function ofJournal(purchase: Purchase, detail: string | null = null): Finding {
  const { state, amountMsat, feeMsat, feeCeilingMsat, failure, outcome } = purchase;
  switch (state) {
    case 'settled':
    case 'redeeming':
    case 'redeemed':
      return { state: 'settled', amountMsat, feeMsat: feeMsat ?? feeCeilingMsat };
    case 'failed':
      if (failure === 'written_off' || failure === 'released')
        return { state: 'endedByHand', detail: outcome ?? failure };
      return { state: 'failed', detail: failure ?? 'It was not paid.' };
    default:
      return { state: 'unknown', detail: `Its purchase is ${state}: ${detail ?? 'its wallet was not asked.'}` };
  }
}
