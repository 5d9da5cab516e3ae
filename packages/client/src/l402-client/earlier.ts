import type { Call } from '../call/index.js';
import { HANDED_OVER, type Purchase } from '../journal/index.js';
import { allowSendingAgain, type Bought, boughtBy, isExpiring, paymentError, sendAgain } from '../purchase/index.js';
import { resolve } from '../recovery/index.js';
import type { ClientContext } from './context.js';
import { L402Error } from './l402-error.js';

/** What something is bought for: to be used by the call itself, or to be handed over whole. */
export type Purpose = 'call' | 'handover';

/** A purchase that an earlier call began. `bought`: it was this call that paid it; `recovered`: it was paid already. */
export interface TakenUp {
  readonly bought: Bought;
  readonly source: 'bought' | 'recovered';
}

/** A purchase in our hands, and for whom it is looked at. */
interface Claim {
  readonly call: Call;
  readonly purchase: Purchase;
  /** Whether this call may use it. */
  readonly mine: boolean;
  readonly signal: AbortSignal;
}

/**
 * What an earlier call of the same thing paid for and did not finish, taken in hand; `null` when there is nothing. With a key that the caller
 * chose, only that key's purchase is the same logical call. To be handed over, it must never have been sent.
 *
 * @throws {L402Error} `PAYMENT_UNKNOWN` while an earlier payment of the same thing is not resolved, with the fact `notSentAgain` where this call was not allowed to send it once more;
 * `IDEMPOTENCY_KEY_REUSED`, `PURCHASE_UNDER_WAY`, `CALL_ABORTED`.
 */
export async function takeUpEarlier(
  context: ClientContext,
  call: Call,
  signal: AbortSignal,
  purpose: Purpose = 'call',
): Promise<TakenUp | null> {
  const sameKey = call.keyGiven ? purchaseOfKey(context, call) : null;
  if (sameKey?.state === 'redeemed') return endedFor(context, sameKey, purpose);
  for (const purchase of unfinishedOf(context, call)) {
    const mine = !call.keyGiven || purchase.purchaseId === sameKey?.purchaseId;
    const sameKeyAsked = mine && call.keyGiven;
    const taken = await takeUp(context, { call, purchase, mine, signal }, sameKeyAsked);
    if (taken === null || !mine) continue;
    if (purpose === 'call' || taken.bought.purchase.state === 'settled') return taken;
    context.store.journal.park(purchase.purchaseId);
  }
  return null;
}

/** Once handed over, a credential is somebody else's to use; once used, it is nothing to hand over. */
function endedFor(context: ClientContext, { purchaseId, outcome }: Purchase, purpose: Purpose): TakenUp {
  if ((outcome === HANDED_OVER) === (purpose === 'handover')) return recovered(context, purchaseId);
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
async function takeUp(context: ClientContext, claim: Claim, sameKey: boolean): Promise<TakenUp | null> {
  const { journal } = context.store;
  const { mine } = claim;
  const { purchaseId } = claim.purchase;
  if (!journal.adopt(purchaseId)) return inOtherHands(context, purchaseId, sameKey);
  let keep = false;
  try {
    const purchase = journal.get(purchaseId);
    const taken = purchase === null ? null : await bringForward(context, { ...claim, purchase });
    keep = taken !== null && mine;
    return taken;
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

async function bringForward(context: ClientContext, claim: Claim): Promise<TakenUp | null> {
  const { purchase } = claim;
  switch (purchase.state) {
    case 'quoted':
    case 'reserved':
      context.store.journal.fail(purchase.purchaseId, 'abandoned before it was sent');
      return null;
    case 'sending':
    case 'unknown':
      return clear(context, claim);
    case 'settled':
    case 'redeeming':
      return recovered(context, purchase.purchaseId);
    default:
      return null;
  }
}

/**
 * Looks a payment up. Where the wallet has no record yet, the same invoice is sent once more, if this call could buy it freshly. A yes to that may have taken its
 * time, so the wallet is asked again what it knows by then.
 */
async function clear(context: ClientContext, claim: Claim): Promise<TakenUp | null> {
  const found = await lookUp(context, claim);
  if (found !== 'may be sent') return found;
  const { call, purchase, signal } = claim;
  const somebodyWasAsked = await allowSendingAgain(context, call, purchase, signal);
  const since = somebodyWasAsked ? await lookUp(context, claim) : found;
  if (since !== 'may be sent') return since;
  // Whoever joined at this moment, and wants to be asked, has not been.
  if (!somebodyWasAsked && context.approve !== null) return clear(context, claim);
  return { bought: await sendAgain(context, purchase, signal), source: 'bought' };
}

/**
 * The same invoice may be sent where the caller wants this very thing, the wallet refuses to pay one hash twice, and the invoice is still good. Never where the wallet once had
 * it under way: a record that was deleted refuses nothing, and whoever saw the first payment pass knows the preimage.
 *
 * @throws {L402Error} `PAYMENT_UNKNOWN` where it may not.
 */
async function lookUp(context: ClientContext, { purchase, mine }: Claim): Promise<TakenUp | null | 'may be sent'> {
  const resolution = await resolve(context, purchase);
  if (resolution.state === 'settled') return recovered(context, purchase.purchaseId);
  if (resolution.state === 'failed') return null;
  const alive = !isExpiring(context.clock, purchase.invoiceExpiresAtMs);
  const { seenInFlight } = context.store.journal.get(purchase.purchaseId) ?? purchase;
  const isFree = resolution.notFound === true && !seenInFlight && context.wallet.refusesSecondPayment;
  if (isFree && mine && alive) return 'may be sent';
  throw paymentError(resolution, purchase);
}

function recovered(context: ClientContext, purchaseId: string): TakenUp {
  return { bought: boughtBy(context, purchaseId), source: 'recovered' };
}
