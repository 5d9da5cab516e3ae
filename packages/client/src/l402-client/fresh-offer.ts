import { isSatwayError } from '@satway/base';

/** How often one call asks for a fresh offer where its own expired while others were waited for. */
const FRESH_OFFERS = 1;

/** Remembers for one call how often it had to come back for a fresh offer. */
export interface FreshOffers {
  /** What `buying` got; `null` where the offer expired before anything was written down, and a fresh one may be asked for. */
  unlessExpired<T>(buying: Promise<T>): Promise<T | null>;
}

export function createFreshOffers(): FreshOffers {
  let left = FRESH_OFFERS;
  return {
    async unlessExpired(buying) {
      try {
        return await buying;
      } catch (error) {
        if (!isSatwayError(error, 'INVOICE_EXPIRED') || left === 0) throw error;
        left--;
        return null;
      }
    },
  };
}
