import { SatwayError } from '@satway/base';
import { readOwnInvoice } from '@satway/protocol';
import { usualFeeCeilingMsat } from '../fee-ceiling.js';
import { bookableCost, checkPaymentHash } from '../rest/index.js';
import type { PaymentLookUp, SettledPayment } from '../wallet.js';
import { type NwcService, refusedCall } from './nwc-service.js';
import { type NwcTransaction, readTransaction } from './transaction.js';

/**
 * Asks what became of a payment.
 *
 * `NOT_FOUND` is no more than that: some wallets look up invoices only and never payments, so it tells no time by which anybody could conclude
 * that nothing was paid. `failed` is a failure in so many words; a wallet that names no state is `inFlight` until it shows the preimage. Such a record is one of
 * the hash: the wallet's other connections and apps may have made it, while our request lies on a relay or before the node.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`.
 */
export async function lookUpPayment(
  service: NwcService,
  paymentHashHex: string,
  timeoutMs = service.callTimeoutMs,
): Promise<PaymentLookUp> {
  checkPaymentHash(paymentHashHex);
  const { reply, answeredAtMs } = await service.ask('lookup_invoice', { payment_hash: paymentHashHex }, timeoutMs);
  if (!reply.ok) {
    if (reply.code === 'NOT_FOUND') return { state: 'notFound', walletNowMs: null };
    throw refusedCall('lookup_invoice', reply);
  }
  const transaction = readTransaction(reply.result);
  if (transaction === null || transaction.paymentHashHex !== paymentHashHex)
    throw invalid('it is not the one asked for');
  // Our own invoice of the same hash says nothing about a payment of ours.
  if (transaction.isOutgoing === false) return { state: 'notFound', walletNowMs: null };
  return paymentState(transaction, answeredAtMs);
}

function paymentState(transaction: NwcTransaction, answeredAtMs: number): PaymentLookUp {
  const { state, preimageHex, settledAtSeconds } = transaction;
  if (state === 'settled') return settledPayment(transaction);
  if (state === null && settledAtSeconds !== null && preimageHex !== null) return settledPayment(transaction);
  if (state !== 'failed') return { state: 'inFlight' };
  if (preimageHex !== null) throw invalid('it failed and shows the preimage');
  const detail = 'The wallet’s record says failed.';
  return { state: 'failed', reason: 'other', detail, walletNowMs: answeredAtMs, mayBeOfAnother: true };
}

function settledPayment(transaction: NwcTransaction): SettledPayment {
  const { preimageHex, amountMsat, feesPaidMsat } = transaction;
  if (preimageHex === null) throw invalid('its preimage does not belong to the payment hash');
  const isAmount = amountMsat !== null && amountMsat > 0;
  const leastAmountMsat = isAmount ? amountMsat : invoicedMsat(transaction);
  return { state: 'settled', preimageHex, ...nwcCost(feesPaidMsat, leastAmountMsat) };
}

/** 0 where the wallet shows no invoice of this hash with an amount. */
function invoicedMsat({ invoice, paymentHashHex }: NwcTransaction): number {
  const read = readOwnInvoice(invoice);
  return read.ok && read.value.paymentHashHex === paymentHashHex ? Number(read.value.amountMsat ?? 0) : 0;
}

/** `fees_paid` is optional: a fee that is not told is booked as high as fees usually are at most, so that no budget is passed unseen. */
export function nwcCost(
  feesPaidMsat: number | null,
  amountMsat: number,
): Pick<SettledPayment, 'amountMsat' | 'feeMsat'> {
  const feeCeilingMsat = usualFeeCeilingMsat;
  return bookableCost({ amountMsat, feeMsat: feesPaidMsat, leastAmountMsat: amountMsat, feeCeilingMsat });
}

function invalid(detail: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: `lookup_invoice: ${detail}.` });
}
