import { SatwayError } from '@satway/base';
import type { Purchase, PurchaseStore } from '@satway/client';

/**
 * The one purchase that a person means: by its id, its payment hash, or the first 8 digits or more of that.
 *
 * @throws {SatwayError} `CLI_USAGE`.
 */
export function findPurchase({ journal }: PurchaseStore, meant: string): Purchase {
  const wanted = meant.trim().toLowerCase();
  const found = /^[0-9a-f]{8,64}$/.test(wanted) ? journal.findByHash(wanted) : [journal.get(wanted)];
  const [purchase, ...others] = found;
  if (purchase === undefined || purchase === null) throw noSuchPayment();
  if (others.length > 0) throw new SatwayError('CLI_USAGE', { detail: 'Several payments begin so; give more digits.' });
  return purchase;
}

export function noSuchPayment(): SatwayError {
  return new SatwayError('CLI_USAGE', { detail: 'The journal has no such payment.' });
}
