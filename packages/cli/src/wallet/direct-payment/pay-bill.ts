import { SatwayError } from '@satway/base';
import type { FailedPayment, InvoicePayer, PaymentOutcome } from '@satway/wallets';
import { type Bill, checkBill } from '../bill.js';
import { asFailed, lookUpRecord } from './look-up.js';
import { type HeldPayment, holdPayment } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';

/** A payment that a person asks for. */
export interface DirectPayment {
  readonly bill: Bill;
  readonly wallet: InvoicePayer;
  readonly feeLimitMsat: number;
  /** Where records are kept. */
  readonly folder: string;
  readonly nowMs: number;
  readonly timeoutMs: number;
  /** The last question before anything is sent; `false` ends it without a payment. */
  readonly approve: () => Promise<boolean>;
  /** Told once the payment is on disk and before it is sent. */
  readonly onSending: () => void;
}

/** A payment that settled: now, or by an earlier run. */
export interface PaidBill {
  readonly state: 'settled';
  readonly amountMsat: number;
  readonly feeMsat: number;
  readonly preimageHex: string;
  readonly paidBefore: boolean;
}

/** What became of it, where it is known. */
export type DirectPaymentEnd = PaidBill | { readonly state: 'declined' };

/**
 * Pays one invoice at most once, whatever happens to this process: it is written down before it is sent, and what was sent before is looked up first.
 *
 * @throws {SatwayError} `PAYMENT_FAILED`; `PAYMENT_UNKNOWN`, `PURCHASE_UNDER_WAY` (funds moved: unknown); what `checkBill` throws.
 */
export async function payBill(payment: DirectPayment): Promise<DirectPaymentEnd> {
  const held = holdPayment(payment.folder, payment.bill.paymentHashHex);
  try {
    const earlier = await settleEarlier(payment, held);
    if (earlier !== null && earlier.state === 'settled') return earlier;
    checkBill(payment.bill, payment.wallet.network, payment.nowMs);
    if (!(await payment.approve())) return { state: 'declined' };
    return await send(payment, held, earlier?.record ?? null);
  } finally {
    held.release();
  }
}

/** What an earlier run of this payment came to; `null` where there was none. Throws while its end is not known and it cannot be sent again. */
async function settleEarlier(
  { bill, wallet }: DirectPayment,
  held: HeldPayment,
): Promise<PaidBill | { readonly state: 'open'; readonly record: PaymentRecord } | null> {
  if (held.record === null) return null;
  if (held.record.walletIdentity !== wallet.identity)
    throw unknown(bill, 'It was sent from another wallet; use that one.');
  const { found, record } = await lookUpRecord(wallet, held.record);
  held.write(record);
  if (found.state === 'settled') return { ...found, paidBefore: true };
  if (found.state === 'inFlight') throw unknown(bill, 'It is still in flight.');
  if (record.state === 'failed' || wallet.refusesSecondPayment) return { state: 'open', record };
  throw unknown(bill, 'The wallet has no record of it yet, and might pay it twice if it were sent again.');
}

async function send(
  { bill, wallet, feeLimitMsat, timeoutMs, onSending }: DirectPayment,
  held: HeldPayment,
  earlier: PaymentRecord | null,
): Promise<PaidBill> {
  const { invoice, paymentHashHex, amountMsat } = bill;
  const record: PaymentRecord = {
    version: 1,
    paymentHashHex,
    invoice,
    amountMsat,
    feeLimitMsat,
    invoiceExpiresAtMs: bill.decoded.expiresAtMs,
    walletIdentity: wallet.identity,
    state: 'sending',
    seenInFlight: earlier?.seenInFlight ?? false,
    sends: (earlier?.sends ?? 0) + 1,
    feeMsat: null,
  };
  held.write(record);
  onSending();
  const mayHaveBeenSentBefore = earlier !== null;
  const request = { invoice, paymentHashHex, amountMsat, feeLimitMsat, timeoutMs, mayHaveBeenSentBefore };
  const outcome = await payOrGiveBack(wallet, request, held, { record, earlier });
  return concludeOutcome(bill, outcome, held, record);
}

/** A wallet that throws has sent nothing; the record says so again. */
async function payOrGiveBack(
  wallet: InvoicePayer,
  request: Parameters<InvoicePayer['pay']>[0],
  held: HeldPayment,
  { record, earlier }: { readonly record: PaymentRecord; readonly earlier: PaymentRecord | null },
): Promise<PaymentOutcome> {
  try {
    return await wallet.pay(request);
  } catch (error) {
    held.write(earlier ?? asFailed(record));
    throw error;
  }
}

function concludeOutcome(bill: Bill, outcome: PaymentOutcome, held: HeldPayment, record: PaymentRecord): PaidBill {
  switch (outcome.state) {
    case 'settled':
      held.write({ ...record, state: 'settled', feeMsat: outcome.feeMsat });
      return { ...outcome, paidBefore: false };
    case 'failed':
      if (record.sends > 1) throw unknown(bill, 'It failed, and an earlier request may still lie before the wallet.');
      held.write(asFailed(record));
      throw failed(bill, outcome);
    case 'unknown':
      throw unknown(bill, outcome.detail);
  }
}

function failed({ paymentHashHex }: Bill, { reason, detail }: FailedPayment): SatwayError {
  return new SatwayError('PAYMENT_FAILED', { detail, facts: { paymentHashHex, reason } });
}

function unknown({ paymentHashHex }: Bill, detail: string): SatwayError {
  return new SatwayError('PAYMENT_UNKNOWN', {
    detail: `${detail} To look it up: satway wallet look-up ${paymentHashHex}`,
    facts: { paymentHashHex },
  });
}
