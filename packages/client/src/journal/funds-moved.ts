import type { FundsMoved } from '@satway/base';
import { isDecidedFailure, type Purchase } from './purchase.js';

/**
 * Whether money left a wallet for the payment hash of a purchase, as far as it is written down. Until it failed for certain that is never `no`: whoever has it in hand may
 * send it at any moment.
 */
export function fundsMovedFor({ state, failure }: Pick<Purchase, 'state' | 'failure'>): FundsMoved {
  switch (state) {
    case 'settled':
    case 'redeeming':
    case 'redeemed':
      return 'yes';
    case 'failed':
      return isDecidedFailure(failure) ? 'unknown' : 'no';
    default:
      return 'unknown';
  }
}
