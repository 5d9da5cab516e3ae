import { SatwayError } from '@satway/base';
import { readPaymentOutcome } from '@satway/protocol';
import { L402Error } from '../l402-client/l402-error.js';
import type { ClientContext } from '../l402-client/context.js';
import { type Authorization, type Call, followRedirects, type Sent, targetOf, toResponse } from '../call/index.js';
import { OWN_OUTCOMES } from '../journal/index.js';
import type { Bought } from '../purchase/index.js';
import type { Performed } from '../l402-client/performed.js';
import { keepSession } from '../sessions/index.js';
import { type Redeemed, redeem } from './redeem.js';

/** An answer up to this size, declared, is read whole before the purchase counts as redeemed, so that a crash cannot lose it halfway. */
const READ_FIRST_BYTES = 16 * 1024;

/** How a purchase came into the hands of this call. */
export interface PurchaseUse {
  readonly call: Call;
  readonly bought: Bought;
  readonly source: 'bought' | 'recovered';
  readonly signal: AbortSignal;
}

/**
 * Redeems a paid purchase that is in our hands, and brings it to its end or parks it for the next call of the same thing.
 *
 * @throws {L402Error} `PAID_CREDENTIAL_REFUSED`, `REDEMPTION_REFUSED`, `CLAIM_STILL_RUNNING`, `ANSWER_LOST`, `CALL_ABORTED`. Funds moved: yes.
 */
export async function usePurchase(context: ClientContext, use: PurchaseUse): Promise<Performed> {
  const { purchaseId, state } = use.bought.purchase;
  try {
    stopIfAborted(use);
    if (state !== 'redeemed') context.store.journal.startRedeeming(purchaseId);
    return await conclude(context, use, await send(context, use));
  } finally {
    context.store.journal.park(purchaseId);
  }
}

function stopIfAborted({ signal, bought }: PurchaseUse): void {
  if (signal.aborted)
    throw new L402Error('CALL_ABORTED', { fundsMoved: 'yes', cause: signal.reason, facts: factsOf(bought) });
}

async function send(context: ClientContext, use: PurchaseUse): Promise<Redeemed> {
  const { call, bought, source, signal } = use;
  const { targetMethod, targetUrl, idempotencyKey } = bought.purchase;
  const target = targetOf(targetMethod, targetUrl);
  try {
    return await redeem(context, { call, target, credential: bought.credential, idempotencyKey, source, signal });
  } catch (cause) {
    throw lost(use, cause);
  }
}

async function conclude(context: ClientContext, use: PurchaseUse, redeemed: Redeemed): Promise<Performed> {
  const { verdict, sent } = redeemed;
  if (verdict === 'refused') {
    sent.answer.discard();
    throw refusedAfterPayment(context, use.bought);
  }
  if (verdict === 'busy') {
    sent.answer.discard();
    throw new L402Error('CLAIM_STILL_RUNNING', { facts: factsOf(use.bought) });
  }
  if (verdict === 'answered') return finish(context, use, redeemed);
  return performed(use, toResponse(sent));
}

async function finish(context: ClientContext, use: PurchaseUse, { sent, authorization }: Redeemed): Promise<Performed> {
  const { purchase, credential } = use.bought;
  keepSession(context, credential, sent);
  const bytes = await readFirst(use, sent);
  const outcome = readPaymentOutcome(sent.answer.header('x-payment-outcome'));
  if (purchase.state !== 'redeemed') context.store.journal.finishRedeeming(purchase.purchaseId, outcome ?? 'answered');
  const { status } = sent.answer;
  context.tell({ type: 'redeemed', paymentHashHex: purchase.paymentHashHex, status, outcome, source: use.source });
  if (bytes !== undefined) return performed(use, toResponse(sent, bytes));
  // A credential that counts its uses has spent this one on the redirect itself.
  const onward = credential.usesTotal === null ? authorization : null;
  return performed(use, toResponse(await follow(context, use, sent, onward)));
}

/** What goes wrong on the way of a redirect goes wrong after the payment. */
async function follow(
  context: ClientContext,
  use: PurchaseUse,
  sent: Sent,
  onward: Authorization | null,
): Promise<Sent> {
  try {
    return await followRedirects(context.sender, use.call, sent, onward, use.signal);
  } catch (cause) {
    const { code } = L402Error.from(cause);
    throw new L402Error(code, { cause, fundsMoved: 'yes', facts: factsOf(use.bought) });
  }
}

async function readFirst(use: PurchaseUse, { answer, hop }: Sent): Promise<Uint8Array | undefined> {
  const length = answer.header('content-length');
  const hasBody = hop.target.method !== 'HEAD' && answer.status !== 204 && (answer.status < 300 || answer.status > 399);
  if (!hasBody || length === null || !/^\d{1,6}$/.test(length) || Number(length) > READ_FIRST_BYTES) return undefined;
  try {
    return await answer.bytes();
  } catch (cause) {
    throw lost(use, cause);
  }
}

/** Refused although nobody can have used it: the seller took the money. Refused after it may have been used: only the answer is gone. */
export function refusedAfterPayment({ store, clock, tell }: ClientContext, bought: Bought): L402Error {
  const { purchase, credential } = bought;
  const neverUsed = purchase.state === 'settled';
  const expired = credential.expiresAtMs !== null && credential.expiresAtMs <= clock.nowMs();
  if (neverUsed && !expired) {
    store.credentials.quarantine(purchase.purchaseId, clock.nowMs());
    tell({ type: 'stopped', origin: purchase.origin, paymentHashHex: purchase.paymentHashHex });
  } else {
    store.credentials.drop(purchase.purchaseId);
  }
  if (purchase.state !== 'redeemed') store.journal.finishRedeeming(purchase.purchaseId, OWN_OUTCOMES.refused);
  return new L402Error(neverUsed && !expired ? 'PAID_CREDENTIAL_REFUSED' : 'REDEMPTION_REFUSED', {
    facts: factsOf(bought),
  });
}

/** Paid, and no answer: the next call of the same thing goes on from here. */
function lost({ bought, signal }: PurchaseUse, cause: unknown): L402Error {
  const facts = factsOf(bought);
  if (signal.aborted) return new L402Error('CALL_ABORTED', { cause: signal.reason, fundsMoved: 'yes', facts });
  if (!(cause instanceof SatwayError) || cause.facts['requestMayHaveBeenSent'] !== false) {
    return new L402Error('ANSWER_LOST', { cause, facts });
  }
  const detail = 'The call is paid, and its credential is kept for the next one.';
  return new L402Error(cause.code, { cause, fundsMoved: 'yes', detail, facts });
}

function factsOf({ purchase }: Bought) {
  const { paymentHashHex, amountMsat, origin } = purchase;
  return { paymentHashHex, amountMsat, host: new URL(origin).host };
}

function performed({ bought, source }: PurchaseUse, response: Response): Performed {
  const { paymentHashHex, amountMsat, feeMsat } = bought.purchase;
  const paid = source === 'bought' ? { paidMsat: amountMsat, feeMsat: feeMsat ?? 0 } : { paidMsat: 0, feeMsat: 0 };
  return { response, payment: { paymentHashHex, ...paid, source } };
}
