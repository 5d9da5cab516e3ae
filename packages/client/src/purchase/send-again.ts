import { type ErrorCode, SatwayError, type SatwayErrorOptions } from '@satway/base';
import { decodeInvoice } from '@satway/protocol';
import type { Call } from '../call/index.js';
import type { Purchase, ResendLimits } from '../journal/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { L402Error } from '../l402-client/l402-error.js';
import { type Bought, sendAndKeep } from './buy.js';
import { seekApproval } from './seek-approval.js';
import { unwanted } from './unwanted.js';

/**
 * Whether this call may send an unresolved purchase in our hands once more: all that a fresh purchase by this call would need, a yes of its own too. Changes nothing.
 *
 * @returns whether somebody was asked, who may have taken time.
 * @throws {L402Error} `PAYMENT_UNKNOWN` with the fact `notSentAgain`; `CALL_ABORTED` (funds moved: unknown).
 */
export async function allowSendingAgain(
  context: ClientContext,
  call: Call,
  purchase: Purchase,
  signal: AbortSignal,
): Promise<boolean> {
  const { payeeHex, description } = readInvoice(purchase);
  const { origin, targetMethod, targetUrl, amountMsat, feeCeilingMsat } = purchase;
  const code = unwanted(context, { origin, totalMsat: amountMsat + feeCeilingMsat, payeeHex });
  if (code !== null) throw notSentAgain(purchase, code);
  const room = context.store.journal.foreseeSendingAgain(purchase.purchaseId, limitsOf(context));
  if (!room.ok) throw notSentAgain(purchase, room.code, room);
  if (context.approve === null) return false;
  const payment = { ...purchase, payeeHex, description, sentBefore: true };
  // As it was written down, and no more than shown: a tool's place is none to send HTTP to.
  const target = { origin, method: targetMethod, url: targetUrl };
  const denied = await seekApproval(context, call, target, payment, signal);
  stopIfAborted(purchase, signal);
  if (denied !== null) throw notSentAgain(purchase, denied.code, denied);
  return true;
}

/**
 * Sends the same invoice once more, where budget and limits still allow it in the very step that writes it down, and somebody still waits for it.
 *
 * @throws {L402Error} `PAYMENT_UNKNOWN`, with the fact `notSentAgain` where it was refused; `CALL_ABORTED`; and as `buy` from the payment on.
 */
export async function sendAgain(context: ClientContext, purchase: Purchase, signal: AbortSignal): Promise<Bought> {
  stopIfAborted(purchase, signal);
  const { purchaseId, paymentHashHex, amountMsat, feeCeilingMsat } = purchase;
  const started = context.store.journal.startSendingAgain(purchaseId, limitsOf(context));
  if (!started.ok) throw notSentAgain(purchase, started.code, started);
  context.tell({ type: 'reserved', paymentHashHex, amountMsat, feeCeilingMsat });
  return sendAndKeep(context, purchaseId, started.value);
}

/** What an earlier call sent is as unknown as before. */
function stopIfAborted(purchase: Purchase, signal: AbortSignal): void {
  if (signal.aborted)
    throw new L402Error('CALL_ABORTED', { cause: signal.reason, fundsMoved: 'unknown', facts: factsOf(purchase) });
}

function limitsOf({ budgetId, maxPerRequestMsat, spendingLimits }: ClientContext): ResendLimits {
  return { budgetId, maxTotalMsat: maxPerRequestMsat, budgetLimits: spendingLimits };
}

function readInvoice({ invoice }: Purchase) {
  const decoded = decodeInvoice(invoice);
  if (decoded.ok) return decoded.value;
  throw new L402Error(decoded.code, { fundsMoved: 'unknown', detail: decoded.detail });
}

/** What became of the purchase is as unknown as it was; why nothing was done about it stands beside. */
function notSentAgain(
  purchase: Purchase,
  code: ErrorCode,
  { detail, cause }: Pick<SatwayErrorOptions, 'detail' | 'cause'> = {},
): L402Error {
  const why = new SatwayError(code, { cause, ...(detail === undefined ? {} : { detail }) });
  return new L402Error('PAYMENT_UNKNOWN', {
    detail: `It was not sent once more: ${why.message}`,
    cause: why,
    facts: { ...factsOf(purchase), notSentAgain: code },
  });
}

function factsOf({ paymentHashHex, amountMsat, origin }: Purchase) {
  return { paymentHashHex, amountMsat, host: new URL(origin).host };
}
