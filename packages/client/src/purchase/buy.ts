import type { ErrorCode, SatwayErrorOptions } from '@satway/base';
import { feeCeilingFor } from '../budget/index.js';
import type { Call, Target } from '../call/index.js';
import type { PaidCredential } from '../credential-cache/index.js';
import type { Purchase, Quote, ReservationLimits } from '../journal/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { L402Error } from '../l402-client/l402-error.js';
import type { Offer } from '../offer/index.js';
import { resolve } from '../recovery/resolve.js';
import { isExpiring } from './expiring.js';
import { type RecordedOutcome, send } from './pay.js';
import { seekApproval } from './seek-approval.js';
import { unwanted } from './unwanted.js';

/** How long after an unclear answer the wallet is asked again what became of the payment. */
const LOOK_AGAIN_AFTER_MS = [0, 500, 2_000] as const;

/** A purchase that is paid, in our hands, and its credential. */
export interface Bought {
  readonly purchase: Purchase;
  readonly credential: PaidCredential;
}

/**
 * Buys what a verified offer offers: quote → approve → reserve → pay → keep. When this throws, the purchase is out of our hands, in a state from which it
 * goes on or was ended.
 *
 * @throws {L402Error} `PAYMENT_HASH_REUSED` (funds moved: as for the other purchase of the hash); `INVOICE_EXPIRED`, `PRICE_ABOVE_LIMIT`, `SELLER_STOPPED`, `PURCHASE_UNDER_WAY`, `APPROVAL_DENIED`, `APPROVALS_FULL`, `APPROVALS_PAUSED`, `BUDGET_EXHAUSTED`,
 * `SPENDING_LIMIT_REACHED`, `HOST_NOT_ALLOWED`, `PAYEE_NOT_ALLOWED`, `BUDGET_FROZEN`, `PAYMENT_FAILED` (funds moved: no); `PAYMENT_UNKNOWN`, `PREIMAGE_WRONG` (unknown); `CALL_ABORTED`.
 */
export async function buy(
  context: ClientContext,
  call: Call,
  target: Target,
  offer: Offer,
  signal: AbortSignal,
): Promise<Bought> {
  refuseUnwanted(context, target, offer);
  if (context.approve === null) return buyAtOnce(context, call, target, offer, signal);
  const purchaseId = quote(context, call, target, offer);
  return inOurHands(context, purchaseId, async () => {
    tellQuoted(context, target, offer, purchaseId);
    refuseWithoutRoom(context, target, offer, purchaseId);
    const feeCeilingMsat = feeCeilingOf(context, offer);
    await approve(context, call, target, { ...offer, feeCeilingMsat }, purchaseId, signal);
    stopIfAborted(context, purchaseId, signal);
    reserve(context, target, offer, purchaseId, feeCeilingMsat);
    return sendAndKeep(context, purchaseId, context.store.journal.startSending(purchaseId));
  });
}

/** What no budget is asked for. */
function refuseUnwanted(context: ClientContext, target: Target, offer: Offer): void {
  const { amountMsat, payeeHex, invoiceExpiresAtMs } = offer;
  // Others may have been waited for since it was read.
  if (isExpiring(context.clock, invoiceExpiresAtMs)) throw refusal('INVOICE_EXPIRED', offer, target);
  const code = unwanted(context, { origin: target.origin, totalMsat: amountMsat, payeeHex });
  if (code !== null) throw refusal(code, offer, target);
}

/** Nobody is asked about what could not be paid after a yes. What others take meanwhile is seen when it is reserved. */
function refuseWithoutRoom(context: ClientContext, target: Target, offer: Offer, purchaseId: string): void {
  const room = context.store.journal.foresee(purchaseId, reservationOf(context, offer));
  if (!room.ok) throw refusal(room.code, offer, target, room);
}

/** Nobody is asked, so nothing comes between the quote and the payment. */
async function buyAtOnce(
  context: ClientContext,
  call: Call,
  target: Target,
  offer: Offer,
  signal: AbortSignal,
): Promise<Bought> {
  if (signal.aborted) throw aborted(signal);
  const begun = context.store.journal.begin(quoteOf(context, call, target, offer), reservationOf(context, offer));
  if (!begun.ok) throw refusal(begun.code, offer, target, begun);
  const { purchaseId, feeCeilingMsat, sentBefore } = begun.value;
  return inOurHands(context, purchaseId, async () => {
    tellQuoted(context, target, offer, purchaseId);
    tellReserved(context, offer, feeCeilingMsat);
    return sendAndKeep(context, purchaseId, sentBefore);
  });
}

async function inOurHands(context: ClientContext, purchaseId: string, steps: () => Promise<Bought>): Promise<Bought> {
  try {
    return await steps();
  } catch (error) {
    context.store.journal.park(purchaseId);
    throw error;
  }
}

/** Pays a purchase that is in our hands and that the journal has as being sent. @throws {L402Error} as `buy`. */
export async function sendAndKeep(context: ClientContext, purchaseId: string, sentBefore: number): Promise<Bought> {
  const purchase = read(context, purchaseId);
  return keep(context, purchase, await send(context, purchase, sentBefore));
}

async function keep(context: ClientContext, purchase: Purchase, first: RecordedOutcome): Promise<Bought> {
  const outcome = await lookUntilClear(context, purchase, first);
  if (outcome.state !== 'settled') throw paymentError(outcome, purchase);
  return boughtBy(context, purchase.purchaseId);
}

/** What a settled purchase bought. @throws {L402Error} `PURCHASE_STATE_CONFLICT` when it is not there. */
export function boughtBy(context: ClientContext, purchaseId: string): Bought {
  const credential = context.store.credentials.ofPurchase(purchaseId);
  if (credential === null) throw new L402Error('PURCHASE_STATE_CONFLICT', { detail: 'Its credential is missing.' });
  return { purchase: read(context, purchaseId), credential };
}

/** What a refused payment is to the caller. */
export function paymentError(outcome: Exclude<RecordedOutcome, { state: 'settled' }>, purchase: Purchase): L402Error {
  const facts = {
    paymentHashHex: purchase.paymentHashHex,
    amountMsat: purchase.amountMsat,
    host: new URL(purchase.origin).host,
  };
  if (outcome.state === 'failed') return new L402Error('PAYMENT_FAILED', { detail: outcome.reason, facts });
  return new L402Error(outcome.preimageWrong ? 'PREIMAGE_WRONG' : 'PAYMENT_UNKNOWN', { detail: outcome.detail, facts });
}

function read(context: ClientContext, purchaseId: string): Purchase {
  const purchase = context.store.journal.get(purchaseId);
  if (purchase === null) throw new L402Error('PURCHASE_STATE_CONFLICT', { detail: 'It is gone.' });
  return purchase;
}

function quote(context: ClientContext, call: Call, target: Target, offer: Offer): string {
  const quoted = context.store.journal.quote(quoteOf(context, call, target, offer));
  if (!quoted.ok) throw refusal(quoted.code, offer, target, quoted);
  return quoted.value;
}

function quoteOf(context: ClientContext, call: Call, target: Target, offer: Offer): Quote {
  return {
    walletId: context.wallet.identity,
    budgetId: context.budgetId,
    idempotencyKey: call.idempotencyKey,
    keyGiven: call.keyGiven,
    method: call.method,
    url: call.url,
    bodySha256Hex: call.bodySha256Hex,
    origin: target.origin,
    targetMethod: target.method,
    targetUrl: target.url,
    scope: offer.scope,
    paymentHashHex: offer.paymentHashHex,
    invoice: offer.invoice,
    amountMsat: offer.amountMsat,
    invoiceExpiresAtMs: offer.invoiceExpiresAtMs,
    macaroonText: offer.macaroonText,
    usesTotal: offer.usesTotal,
    credentialExpiresAtMs: offer.credentialExpiresAtMs,
  };
}

/** The yes is for this invoice; a person may take longer than it lives, then nothing is paid. */
async function approve(
  context: ClientContext,
  call: Call,
  target: Target,
  offer: Offer & { readonly feeCeilingMsat: number },
  purchaseId: string,
  signal: AbortSignal,
): Promise<void> {
  const denied = await seekApproval(context, call, target, { ...offer, sentBefore: false }, signal);
  // Nobody waits any more, which is no answer of the approver's.
  stopIfAborted(context, purchaseId, signal);
  if (denied === null) return;
  context.store.journal.fail(purchaseId, denied.code);
  throw refusal(denied.code, offer, target, denied);
}

/** Before the wallet is asked a caller may still leave for free. */
function stopIfAborted(context: ClientContext, purchaseId: string, signal: AbortSignal): void {
  if (!signal.aborted) return;
  context.store.journal.fail(purchaseId, 'CALL_ABORTED');
  throw aborted(signal);
}

function aborted(signal: AbortSignal): L402Error {
  return new L402Error('CALL_ABORTED', { fundsMoved: 'no', cause: signal.reason });
}

/** No more for fees than was shown to whoever approved. */
function reserve(
  context: ClientContext,
  target: Target,
  offer: Offer,
  purchaseId: string,
  feeCeilingMsat: number,
): void {
  const reserved = context.store.journal.reserve(purchaseId, { ...reservationOf(context, offer), feeCeilingMsat });
  if (!reserved.ok) throw refusal(reserved.code, offer, target, reserved);
  tellReserved(context, offer, reserved.value.feeCeilingMsat);
}

/** Within what one request may cost; a budget may leave less. */
function feeCeilingOf({ wallet, feeCeilingMsat, maxPerRequestMsat }: ClientContext, { amountMsat }: Offer): number {
  return Math.min(feeCeilingFor(wallet, feeCeilingMsat, amountMsat), maxPerRequestMsat - amountMsat);
}

function reservationOf(context: ClientContext, offer: Offer): ReservationLimits {
  return {
    feeCeilingMsat: feeCeilingOf(context, offer),
    maxTotalMsat: context.maxPerRequestMsat,
    budgetLimits: context.spendingLimits,
  };
}

function tellQuoted(context: ClientContext, target: Target, offer: Offer, purchaseId: string): void {
  const { origin, method, url } = target;
  const { amountMsat, paymentHashHex, payeeHex, invoice, description, invoiceExpiresAtMs: expiresAtMs } = offer;
  const { budgetId } = context;
  const terms = { amountMsat, paymentHashHex, payeeHex, invoice, description, expiresAtMs };
  context.quoted({ purchaseId, budgetId, origin, method, url, ...terms });
}

function tellReserved(context: ClientContext, { amountMsat, paymentHashHex }: Offer, feeCeilingMsat: number): void {
  context.tell({ type: 'reserved', paymentHashHex, amountMsat, feeCeilingMsat });
}

/** A lost reply and "already paid" are questions to look up, not failures. */
async function lookUntilClear(
  context: ClientContext,
  purchase: Purchase,
  first: RecordedOutcome,
): Promise<RecordedOutcome> {
  let outcome = first;
  for (const waitMs of LOOK_AGAIN_AFTER_MS) {
    if (outcome.state !== 'unknown' || outcome.preimageWrong) return outcome;
    await context.clock.sleep(waitMs);
    outcome = await resolve(context, purchase);
  }
  return outcome;
}

function refusal(
  code: ErrorCode,
  { amountMsat, paymentHashHex }: Offer,
  target: Target,
  { detail, fundsMoved, cause }: Pick<SatwayErrorOptions, 'detail' | 'fundsMoved' | 'cause'> = {},
): L402Error {
  const facts = { amountMsat, paymentHashHex, host: new URL(target.origin).host };
  const known = { ...(detail === undefined ? {} : { detail }), ...(fundsMoved === undefined ? {} : { fundsMoved }) };
  return new L402Error(code, { facts, cause, ...known });
}
