import { redactText, SatwayError } from '@satway/base';
import { preimageMatches } from '@satway/protocol';
import type { FailedPayment, PaymentLookUp, PaymentOutcome, SettledPayment } from '@satway/wallets';
import type { ProvenPayment, Purchase } from '../journal/index.js';
import type { ClientContext } from '../l402-client/context.js';
import { L402Error } from '../l402-client/l402-error.js';
import { isInvoiceDead } from './dead-invoice.js';

/** Where a purchase stands after the wallet was asked, as far as it is written down. */
export type RecordedOutcome =
  | { readonly state: 'settled' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'unknown'; readonly detail: string; readonly preimageWrong: boolean };

/** How much longer than its own limit the wallet may take before it counts as hanging. */
const WALLET_GRACE_MS = 5_000;

/**
 * Asks the wallet to pay a purchase that is in our hands and that the journal has as being sent, and writes down what it says. Whatever happens to whoever waits, the wallet's
 * answer is recorded when it comes, at the latest by the next recovery.
 *
 * @param sentBefore - how often it was sent before.
 * @throws {L402Error} `PAYMENT_HASH_REUSED` where something else pays the hash, and what finding that out throws; then this request was not made.
 */
export async function send(context: ClientContext, purchase: Purchase, sentBefore: number): Promise<RecordedOutcome> {
  refusePaidElsewhere(context, purchase);
  context.tell({ type: 'paying', paymentHashHex: purchase.paymentHashHex, amountMsat: purchase.amountMsat });
  const answer = askWallet(context, purchase, sentBefore > 0);
  const inTime = await withinGrace(context, answer);
  if (inTime !== 'hanging') return recordOutcome(context, purchase, inTime, settlingStepFor(context));
  context.keepAlive(answer.then((late) => recordLate(context, purchase, late)));
  return recordOutcome(context, purchase, { state: 'unknown', detail: 'The wallet does not answer.' });
}

/** Not before the purchase is on disk: of two that write down first and look at each other then, at least one sees the other. */
function refusePaidElsewhere(context: ClientContext, purchase: Purchase): void {
  const { paymentHashHex, amountMsat, origin } = purchase;
  const facts = { paymentHashHex, amountMsat, host: new URL(origin).host };
  try {
    const elsewhere = context.paidElsewhere?.(paymentHashHex) ?? null;
    if (elsewhere !== null) throw new L402Error('PAYMENT_HASH_REUSED', { ...elsewhere, facts });
  } catch (cause) {
    giveBackUnsent(context, purchase);
    throw L402Error.from(cause);
  }
}

/** This request was not made after all; an earlier one may be alive. */
function giveBackUnsent({ store }: ClientContext, { purchaseId }: Purchase): void {
  const { openSendings = 1, seenInFlight = false } = store.journal.get(purchaseId) ?? {};
  if (openSendings <= 1 && !seenInFlight) store.journal.fail(purchaseId, 'PAYMENT_HASH_REUSED');
  else store.journal.markUnknown(purchaseId, { seenInFlight, takenUp: true });
}

async function askWallet(context: ClientContext, purchase: Purchase, sentBefore: boolean): Promise<PaymentOutcome> {
  const { invoice, paymentHashHex, amountMsat, feeCeilingMsat } = purchase;
  try {
    return await context.wallet.pay({
      invoice,
      paymentHashHex,
      amountMsat,
      feeLimitMsat: feeCeilingMsat,
      timeoutMs: context.paymentTimeoutMs,
      ...(sentBefore ? { mayHaveBeenSentBefore: true } : {}),
    });
  } catch (error) {
    return outcomeOfThrow(error);
  }
}

/** By contract a wallet throws only before anything of this request left; what breaks the contract proves nothing. */
function outcomeOfThrow(error: unknown): PaymentOutcome {
  if (error instanceof SatwayError && error.fundsMoved === 'no') {
    return { state: 'failed', reason: 'rejected_before_sending', detail: error.message };
  }
  return { state: 'unknown', detail: error instanceof Error ? error.message : 'The wallet broke.' };
}

/** A reason of our own; without one, each payment would cost an error object with its stack. */
const ANSWERED = 'The wallet has answered.';

async function withinGrace(
  context: ClientContext,
  answer: Promise<PaymentOutcome>,
): Promise<PaymentOutcome | 'hanging'> {
  const answered = new AbortController();
  const grace = context.clock.sleep(context.paymentTimeoutMs + WALLET_GRACE_MS, answered.signal);
  try {
    return await Promise.race([answer, grace.then(() => 'hanging' as const)]);
  } finally {
    answered.abort(ANSWERED);
  }
}

/**
 * Only what is out of everybody's hands is still open; whoever has it in hand looks it up himself. What was taken for failed meanwhile, by a wallet's record or by a person, and
 * is proven to be paid, is booked as that.
 */
function recordLate({ store, ...context }: ClientContext, { purchaseId }: Purchase, outcome: PaymentOutcome): void {
  const saysNothing = outcome.state === 'unknown' && outcome.seenInFlight !== true;
  if (saysNothing || !store.journal.adopt(purchaseId)) return;
  try {
    const purchase = store.journal.get(purchaseId);
    if (purchase?.state === 'unknown') recordOutcome({ store, ...context }, purchase, outcome);
    if (purchase?.state === 'failed' && outcome.state === 'settled')
      recordSettledAfterAll({ store, ...context }, purchase, outcome);
  } finally {
    store.journal.park(purchaseId);
  }
}

/** Where outcomes are written down, and who is told. */
export type Books = Pick<ClientContext, 'store' | 'tell'>;

type SettlingStep = 'settle' | 'settleUnsynced';

/** The credential is used at once, and the step before its request waits for the disk. A wallet that could not be asked for the preimage again gives it only once. */
function settlingStepFor({ wallet }: ClientContext): SettlingStep {
  return wallet.canLookUp === false ? 'settle' : 'settleUnsynced';
}

/** Writes down what a payment or a look-up says of a purchase in our hands; nothing unproven is believed. */
export function recordOutcome(
  context: Books,
  purchase: Purchase,
  outcome: PaymentOutcome | Exclude<PaymentLookUp, { state: 'notFound' }>,
  settle: SettlingStep = 'settle',
): RecordedOutcome {
  if (outcome.state === 'settled') return recordSettled(context, purchase, outcome, settle);
  if (outcome.state === 'failed') return recordFailure(context, purchase, outcome);
  if (outcome.state === 'inFlight')
    return recordUnknown(context, purchase, 'The payment is in flight.', { seenInFlight: true });
  return recordUnknown(context, purchase, outcome.detail, outcome);
}

function recordSettled(
  context: Books,
  purchase: Purchase,
  payment: SettledPayment,
  settle: SettlingStep,
): RecordedOutcome {
  const { purchaseId, paymentHashHex } = purchase;
  if (!preimageMatches(payment.preimageHex, paymentHashHex)) {
    const unknown = recordUnknown(context, purchase, 'The wallet gave a wrong preimage.', { seenInFlight: true });
    return { ...unknown, preimageWrong: true };
  }
  const proven = bookable(purchase, payment);
  context.store.journal[settle](purchaseId, proven);
  context.tell({ type: 'paid', paymentHashHex, amountMsat: proven.amountMsat, feeMsat: proven.feeMsat });
  return { state: 'settled' };
}

/** Told as paid, for whoever adds up, and as what it is, for people. */
export function recordSettledAfterAll({ store, tell }: Books, purchase: Purchase, payment: SettledPayment): void {
  const { purchaseId, paymentHashHex, failure } = purchase;
  if (!preimageMatches(payment.preimageHex, paymentHashHex)) return;
  const proven = bookable(purchase, payment);
  store.journal.settleAfterAll(purchaseId, proven);
  const { amountMsat, feeMsat } = proven;
  tell({ type: 'failed_payment_settled', paymentHashHex, amountMsat, feeMsat, failure: failure ?? '' });
  tell({ type: 'paid', paymentHashHex, amountMsat, feeMsat });
}

/** A wallet's figures are booked only upwards of what must have left; figures that are no amounts count as all that was reserved. */
function bookable(purchase: Purchase, payment: SettledPayment): ProvenPayment {
  const { feeCeilingMsat } = purchase;
  const amount = Number.isSafeInteger(payment.amountMsat + feeCeilingMsat)
    ? Math.max(payment.amountMsat, purchase.amountMsat)
    : purchase.amountMsat;
  const isSafe = Number.isSafeInteger(payment.feeMsat) && Number.isSafeInteger(amount + payment.feeMsat);
  const fee = isSafe && payment.feeMsat >= 0 ? payment.feeMsat : feeCeilingMsat;
  return { preimageHex: payment.preimageHex.toLowerCase(), amountMsat: amount, feeMsat: fee };
}

/**
 * A wallet pays a hash that failed when it is asked again, so a failure settles the matter only when no request of ours can still lie in the wallet's
 * socket. The answer to our own request does where it was the only one open. Otherwise the purchase stays unknown until its invoice is dead.
 */
function recordFailure(context: Books, purchase: Purchase, failure: Failure): RecordedOutcome {
  const reason = `${failure.reason}: ${failure.detail}`;
  const sent = context.store.journal.get(purchase.purchaseId) ?? { openSendings: 1, sendCount: 1 };
  const isLookedUp = failure.walletNowMs !== undefined;
  const isFinal = isLookedUp ? provesOurFailure(sent, purchase, failure) : sent.openSendings <= 1;
  if (isFinal) return recordFailed(context, purchase, reason);
  const whose =
    sent.sendCount > 1 ? `One of ${sent.sendCount} requests failed` : 'A request failed that need not be ours';
  // There was a record of it: one that is missing later was deleted, with whatever it said by then.
  return recordUnknown(context, purchase, `${whose}, another may still be paid. ${reason}`, {
    seenInFlight: isLookedUp,
  });
}

/**
 * Whether a record of failure that was looked up ends this purchase. It does once the wallet has taken up every request of ours, as its own answers showed, and once
 * the invoice is dead. Else it may be the record of an older request of ours, or, at a wallet that keeps the newest alone, of any other program's: made before our
 * first, or while ours lay in the socket, so that no look-up before we send and no time in the record could tell. Nothing of this costs a question more than before.
 */
function provesOurFailure(
  { openSendings, sendCount }: Pick<Purchase, 'openSendings' | 'sendCount'>,
  purchase: Purchase,
  { walletNowMs = null, mayBeOfAnother = false }: Failure,
): boolean {
  const isOurs = sendCount <= 1 && !mayBeOfAnother;
  return openSendings === 0 || isOurs || isInvoiceDead(purchase, walletNowMs);
}

/** `walletNowMs` is there where the failure was looked up. */
type Failure = FailedPayment & { readonly walletNowMs?: number | null; readonly mayBeOfAnother?: boolean };

export function recordFailed(context: Books, purchase: Purchase, reason: string): RecordedOutcome {
  const { purchaseId, paymentHashHex } = purchase;
  const safeReason = redactText(reason).slice(0, 500);
  context.store.journal.fail(purchaseId, safeReason);
  context.tell({ type: 'payment_failed', paymentHashHex, reason: safeReason });
  return { state: 'failed', reason: safeReason };
}

export function recordUnknown(
  context: Books,
  purchase: Purchase,
  detail: string,
  { seenInFlight = false, takenUp = false }: { readonly seenInFlight?: boolean; readonly takenUp?: boolean } = {},
): { state: 'unknown'; detail: string; preimageWrong: boolean } {
  const safeDetail = redactText(detail).slice(0, 500);
  context.store.journal.markUnknown(purchase.purchaseId, { seenInFlight, takenUp });
  context.tell({ type: 'payment_unknown', paymentHashHex: purchase.paymentHashHex, detail: safeDetail });
  return { state: 'unknown', detail: safeDetail, preimageWrong: false };
}
