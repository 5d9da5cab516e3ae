import { SatwayError } from '@satway/base';
import type { FailedPayment, InvoicePayer, PaymentOutcome } from '@satway/wallets';
import { type Bill, checkBill } from '../bill.js';
import { bookedFigures } from './booked-figures.js';
import type { DirectPayment, DirectPaymentEnd, PaidBill } from './direct-payment.js';
import { settleEarlier } from './earlier-sends.js';
import { asFailed, asSettled } from './look-up.js';
import { type HeldPayment, holdPayment } from './payment-folder.js';
import type { PaymentRecord } from './payment-record.js';
import { unknownPayment } from './unknown-payment.js';

/**
 * Pays one invoice at most once, whatever happens to this process: it is written down before it is sent, and what was sent before is looked up first.
 *
 * @throws {SatwayError} what `refusePaidElsewhere` throws; `PAYMENT_FAILED`; `PAYMENT_UNKNOWN`, `PURCHASE_UNDER_WAY` (funds moved: unknown); `PAYMENT_HASH_REUSED` where a person ended it by hand;
 * `PURCHASE_STORE_UNUSABLE`, `PURCHASE_STORE_FAILED`; what `checkBill` and the wallet throw.
 */
export async function payBill(payment: DirectPayment): Promise<DirectPaymentEnd> {
  const held = holdPayment(payment.folder, payment.bill.paymentHashHex);
  try {
    const earlier = await settleEarlier(payment, held);
    if (earlier !== null && earlier.state === 'settled') return earlier;
    checkBill(payment.bill, payment.wallet.network, payment.nowMs);
    if (!(await payment.approve())) return declined(payment.bill, earlier?.record ?? null);
    return await send(payment, held, earlier?.record ?? null);
  } finally {
    held.release();
  }
}

/** Who does not send it again has not paid nothing: an earlier request may be alive. */
function declined(bill: Bill, earlier: PaymentRecord | null): DirectPaymentEnd {
  if (earlier === null || earlier.openSends === 0) return { state: 'declined' };
  throw unknownPayment(bill, 'It was not sent again, and what was sent before may still be paid.');
}

async function send(payment: DirectPayment, held: HeldPayment, earlier: PaymentRecord | null): Promise<PaidBill> {
  const { bill, wallet, feeLimitMsat, timeoutMs, onSending } = payment;
  const { invoice, paymentHashHex, amountMsat } = bill;
  const record = recordOf(payment, earlier);
  writeBeforeSending(held, record, earlier);
  refuseOrGiveBack(payment, held, { record, earlier });
  onSending();
  const mayHaveBeenSentBefore = record.openSends > 1;
  const request = { invoice, paymentHashHex, amountMsat, feeLimitMsat, timeoutMs, mayHaveBeenSentBefore };
  const outcome = await payOrGiveBack(wallet, request, held, { record, earlier });
  return concludeOutcome(bill, outcome, held, record);
}

function recordOf({ bill, wallet, feeLimitMsat, nowMs }: DirectPayment, earlier: PaymentRecord | null): PaymentRecord {
  return {
    version: 1,
    paymentHashHex: bill.paymentHashHex,
    invoice: bill.invoice,
    amountMsat: bill.amountMsat,
    feeLimitMsat,
    invoiceExpiresAtMs: bill.decoded.expiresAtMs,
    walletIdentity: wallet.identity,
    createdAtMs: earlier?.createdAtMs ?? nowMs,
    state: 'sending',
    seenInFlight: earlier?.seenInFlight ?? false,
    openSends: (earlier?.openSends ?? 0) + 1,
    totalSends: (earlier?.totalSends ?? 0) + 1,
    feeMsat: null,
    decision: null,
  };
}

/** What cannot be written down is not sent. */
function writeBeforeSending(held: HeldPayment, record: PaymentRecord, earlier: PaymentRecord | null): void {
  try {
    held.write(record);
  } catch (cause) {
    if (!(cause instanceof SatwayError) || (earlier !== null && earlier.openSends > 0)) throw cause;
    const { code, facts } = cause;
    throw new SatwayError(code, { detail: `${cause.detail ?? ''} Nothing was sent.`, fundsMoved: 'no', facts, cause });
  }
}

interface Written {
  readonly record: PaymentRecord;
  readonly earlier: PaymentRecord | null;
}

function refuseOrGiveBack({ refusePaidElsewhere }: DirectPayment, held: HeldPayment, written: Written): void {
  try {
    refusePaidElsewhere();
  } catch (error) {
    held.write(asUnsent(written));
    throw error;
  }
}

/** The record as it is where this request was not made. */
function asUnsent({ record, earlier }: Written): PaymentRecord {
  return earlier ?? { ...asFailed(record), totalSends: 0 };
}

/** A wallet that throws as agreed has sent nothing, and the record says so again; one that breaks its word may have sent it. */
async function payOrGiveBack(
  wallet: InvoicePayer,
  request: Parameters<InvoicePayer['pay']>[0],
  held: HeldPayment,
  written: Written,
): Promise<PaymentOutcome> {
  try {
    return await wallet.pay(request);
  } catch (error) {
    if (!(error instanceof SatwayError) || error.fundsMoved !== 'no') {
      return { state: 'unknown', detail: error instanceof Error ? error.message : 'The wallet broke.' };
    }
    held.write(asUnsent(written));
    throw error;
  }
}

function concludeOutcome(bill: Bill, outcome: PaymentOutcome, held: HeldPayment, record: PaymentRecord): PaidBill {
  switch (outcome.state) {
    case 'settled': {
      const booked = bookedFigures(outcome, record);
      const warning = writeSettled(held, asSettled(record, booked.feeMsat)) ?? booked.warning;
      return { state: 'settled', preimageHex: outcome.preimageHex, ...booked, warning, paidBefore: false };
    }
    case 'failed':
      if (record.openSends > 1)
        throw unknownPayment(bill, 'It failed, and an earlier request may still lie before the wallet.');
      held.write(asFailed(record));
      throw failed(bill, outcome);
    case 'unknown':
      if (outcome.seenInFlight === true) held.write(asSeen(record, outcome.takenUp === true));
      throw unknownPayment(bill, outcome.detail);
  }
}

function asSeen(record: PaymentRecord, takenUp: boolean): PaymentRecord {
  return { ...record, seenInFlight: true, openSends: record.openSends - (takenUp ? 1 : 0) };
}

/** The money is gone, whatever becomes of the record: what is wrong with the disk is told besides. */
function writeSettled(held: HeldPayment, record: PaymentRecord): string | null {
  try {
    held.write(record);
    return null;
  } catch (error) {
    if (!(error instanceof SatwayError)) throw error;
    return `It was paid, and that could not be written down: mend the disk, and do not pay it again. ${error.detail ?? ''}`;
  }
}

function failed({ paymentHashHex }: Bill, { reason, detail }: FailedPayment): SatwayError {
  return new SatwayError('PAYMENT_FAILED', { detail, facts: { paymentHashHex, reason } });
}
