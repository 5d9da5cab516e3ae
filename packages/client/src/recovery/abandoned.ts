import type { PurchaseStore } from '../store/index.js';

/** How many are gone through at a time. */
const PAGE = 1000;

/**
 * Gives the reservations back of whoever died before anything was sent, of every wallet. What a living process has in hand, one that waits for a person's yes
 * too, is left alone.
 *
 * @returns how many.
 * @throws {SatwayError} `PURCHASE_STORE_FAILED`.
 */
export function releaseAbandoned({ journal }: Pick<PurchaseStore, 'journal'>): number {
  const neverSent = journal.search({ states: ['quoted', 'reserved'], limit: PAGE });
  return neverSent.filter(({ purchaseId }) => {
    if (!journal.adopt(purchaseId)) return false;
    try {
      // Between the list and our hand somebody else may have moved it.
      const state = journal.get(purchaseId)?.state;
      if (state !== 'quoted' && state !== 'reserved') return false;
      journal.fail(purchaseId, 'abandoned before it was sent');
      return true;
    } finally {
      journal.park(purchaseId);
    }
  }).length;
}
