import { SatwayError } from '@satway/base';
import type { PaymentFacts, Purchase, PurchaseStore } from '@satway/client';
import type { PayingWallet } from '@satway/wallets';
import { type CalledThing, openPendingCall, type PendingCall } from './pending-call.js';

/** An answer that was delivered, and what it cost. */
export interface Delivered {
  readonly response: Response;
  readonly payment: PaymentFacts | null;
}

/** Who pays, and where it is written down. */
export interface PayingParts {
  readonly store: PurchaseStore;
  readonly wallet: Pick<PayingWallet, 'identity' | 'kind' | 'canLookUp' | 'inspect'>;
}

/**
 * Sends one call under the key that an earlier run of the same thing left, else a fresh one. The key is let go only when nothing that was paid can hang on it any
 * more; everything else is left to the next run.
 *
 * @throws {SatwayError} `PURCHASE_OF_OTHER_WALLET`, and what `send` throws.
 */
export async function asOneCall(
  { store, wallet }: Pick<PayingParts, 'store'> & { readonly wallet: Pick<PayingWallet, 'identity'> },
  thing: CalledThing,
  send: (idempotencyKey: string) => Promise<Delivered>,
): Promise<Response> {
  const boughtUnder = (key: string): Purchase[] => store.journal.listByKey(key).filter(isOpen);
  const pending = openPendingCall(`${store.path}.pending`, thing, (key) => boughtUnder(key).length > 0);
  try {
    refuseOtherWallet(boughtUnder(pending.idempotencyKey), wallet.identity);
    const delivered = await send(pending.idempotencyKey);
    if (isTheAnswer(delivered, pending)) pending.settle();
    return delivered.response;
  } catch (error) {
    if (isOver(error, pending, boughtUnder)) pending.settle();
    throw error;
  } finally {
    pending.leave();
  }
}

/** Neither failed nor refused: the answer may still come. */
function isOpen({ state, outcome }: Purchase): boolean {
  return state !== 'failed' && !(state === 'redeemed' && outcome === 'refused');
}

/** Wallets do not know of each other, so this one would pay for the same thing again. */
function refuseOtherWallet(purchases: readonly Purchase[], identity: string): void {
  const [other] = purchases;
  if (other === undefined || purchases.some(({ walletId }) => walletId === identity)) return;
  const { paymentHashHex, amountMsat, state } = other;
  const isPaid = state === 'settled' || state === 'redeeming' || state === 'redeemed';
  throw new SatwayError('PURCHASE_OF_OTHER_WALLET', {
    fundsMoved: isPaid ? 'yes' : 'unknown',
    facts: { paymentHashHex, amountMsat },
  });
}

/**
 * Whether an answer is what was called for. A failure of the seller's is not, nor a refusal that has not charged what was paid: the next run goes on with this
 * call. A seller who charged before and has not kept the answer will not give it any more.
 */
function isTheAnswer({ response, payment }: Delivered, { takenUp }: PendingCall): boolean {
  const { status, headers } = response;
  if (status < 400 || status >= 500) return status < 400;
  if (payment === null) return !takenUp;
  const outcome = headers.get('x-payment-outcome');
  if (headers.get('x-payment-code') === 'replay_unavailable') return true;
  return outcome !== 'released' && outcome !== 'not_charged';
}

/** Whether nothing can come of this call any more: what was paid is refused for good, or nothing was ever bought under its key. */
function isOver(error: unknown, pending: PendingCall, boughtUnder: (key: string) => readonly Purchase[]): boolean {
  if (!(error instanceof SatwayError)) return false;
  if (error.code === 'REDEMPTION_REFUSED' || error.code === 'PAID_CREDENTIAL_REFUSED') return true;
  // What this run says of money is said of this run alone, so a key of an earlier one stays.
  // Whatever moved for a hash that stands under another purchase was not moved by this call.
  const paidNothing = error.fundsMoved === 'no' || error.code === 'PAYMENT_HASH_REUSED';
  return !pending.takenUp && paidNothing && boughtUnder(pending.idempotencyKey).length === 0;
}
