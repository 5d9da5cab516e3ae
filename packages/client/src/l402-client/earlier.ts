import type { Call } from '../call/index.js';
import { HANDED_OVER, type Purchase } from '../journal/index.js';
import { type Bought, boughtBy, payAndKeep, paymentError } from '../purchase/index.js';
import { resolve } from '../recovery/index.js';
import type { ClientContext } from './context.js';
import { L402Error } from './l402-error.js';

/** What something is bought for: to be used by the call itself, or to be handed over whole. */
export type Purpose = 'call' | 'handover';

/**
 * What an earlier call of the same thing paid for and did not finish, taken in hand; `null` when there is nothing. With a key that the caller
 * chose, only that key's purchase is the same logical call. To be handed over, it must never have been sent.
 *
 * @throws {L402Error} `PAYMENT_UNKNOWN` while an earlier payment of the same thing is not resolved; `IDEMPOTENCY_KEY_REUSED`, `PURCHASE_UNDER_WAY`.
 */
export async function takeUpEarlier(
  context: ClientContext,
  call: Call,
  purpose: Purpose = 'call',
): Promise<Bought | null> {
  const sameKey = call.keyGiven ? purchaseOfKey(context, call) : null;
  if (sameKey?.state === 'redeemed') return endedFor(context, sameKey, purpose);
  for (const purchase of unfinishedOf(context, call)) {
    const mine = !call.keyGiven || purchase.purchaseId === sameKey?.purchaseId;
    const bought = await takeUp(context, purchase, { mine, sameKey: mine && call.keyGiven });
    if (bought === null || !mine) continue;
    if (purpose === 'call' || bought.purchase.state === 'settled') return bought;
    context.store.journal.park(purchase.purchaseId);
  }
  return null;
}

/** Once handed over, a credential is somebody else's to use; once used, it is nothing to hand over. */
function endedFor(context: ClientContext, { purchaseId, outcome }: Purchase, purpose: Purpose): Bought {
  if ((outcome === HANDED_OVER) === (purpose === 'handover')) return boughtBy(context, purchaseId);
  const detail = purpose === 'call' ? 'What it bought was handed over.' : 'What it bought was used.';
  throw new L402Error('IDEMPOTENCY_KEY_REUSED', { fundsMoved: 'no', detail });
}

function purchaseOfKey(context: ClientContext, call: Call): Purchase | null {
  const purchase = context.store.journal.findByKey(context.wallet.identity, call.idempotencyKey);
  if (purchase === null) return null;
  const same =
    purchase.method === call.method && purchase.url === call.url && purchase.bodySha256Hex === call.bodySha256Hex;
  if (!same) throw new L402Error('IDEMPOTENCY_KEY_REUSED');
  return purchase;
}

function unfinishedOf(context: ClientContext, { method, url, bodySha256Hex }: Call): Purchase[] {
  return context.store.journal.findUnfinished({ walletId: context.wallet.identity, method, url, bodySha256Hex });
}

/** Brings one unfinished purchase as far as it goes without a seller. Not ours to redeem, it goes back as soon as it is clear. */
async function takeUp(
  context: ClientContext,
  { purchaseId }: Purchase,
  { mine, sameKey }: { mine: boolean; sameKey: boolean },
): Promise<Bought | null> {
  const { journal } = context.store;
  if (!journal.adopt(purchaseId)) return inOtherHands(context, purchaseId, sameKey);
  let keep = false;
  try {
    const purchase = journal.get(purchaseId);
    const bought = purchase === null ? null : await bringForward(context, purchase, mine);
    keep = bought !== null && mine;
    return bought;
  } finally {
    if (!keep) journal.park(purchaseId);
  }
}

/** Somebody living works on it: only an unknown payment, or our own key, stands in the way of another purchase. */
function inOtherHands(context: ClientContext, purchaseId: string, sameKey: boolean): null {
  const purchase = context.store.journal.get(purchaseId);
  if (purchase?.state === 'unknown') {
    throw paymentError({ state: 'unknown', detail: 'It is being looked up.', preimageWrong: false }, purchase);
  }
  if (sameKey) throw new L402Error('PURCHASE_UNDER_WAY');
  return null;
}

async function bringForward(context: ClientContext, purchase: Purchase, mine: boolean): Promise<Bought | null> {
  switch (purchase.state) {
    case 'quoted':
    case 'reserved':
      context.store.journal.fail(purchase.purchaseId, 'abandoned before it was sent');
      return null;
    case 'sending':
    case 'unknown':
      return clear(context, purchase, mine);
    case 'settled':
    case 'redeeming':
      return boughtBy(context, purchase.purchaseId);
    default:
      return null;
  }
}

/**
 * Looks a payment up. Where the wallet has no record yet, the same invoice is sent once more, if the caller wants this very thing, the wallet refuses
 * to pay one hash twice, and the invoice is still good. Never where the wallet once had it under way: a record that was deleted refuses nothing, and whoever saw
 * the first payment pass knows the preimage.
 */
async function clear(context: ClientContext, purchase: Purchase, mine: boolean): Promise<Bought | null> {
  const resolution = await resolve(context, purchase);
  if (resolution.state === 'settled') return boughtBy(context, purchase.purchaseId);
  if (resolution.state === 'failed') return null;
  const alive = context.clock.nowMs() < purchase.invoiceExpiresAtMs;
  const { seenInFlight } = context.store.journal.get(purchase.purchaseId) ?? purchase;
  const isFree = resolution.notFound === true && !seenInFlight && context.wallet.refusesSecondPayment;
  // It was reserved for an earlier call, which may have allowed more than this one does.
  const isAllowed = purchase.amountMsat + purchase.feeCeilingMsat <= context.maxPerRequestMsat;
  if (isFree && mine && alive && isAllowed) {
    return payAndKeep(context, purchase.purchaseId);
  }
  throw paymentError(resolution, purchase);
}
