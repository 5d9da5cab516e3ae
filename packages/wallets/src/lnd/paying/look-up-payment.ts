import { SatwayError } from '@satway/base';
import type { PaymentLookUp } from '../../wallet.js';
import { checkPaymentHash } from '../../rest/index.js';
import { isMissingPermission } from '../lnd-error.js';
import type { LndRest } from '../lnd-rest.js';
import { findInPayments } from './list-payments.js';
import { readPaymentLine } from './payment-line.js';
import { type PaymentRecord, trackPayment } from './track-payment.js';

const TRACK = 'uri:/routerrpc.Router/TrackPaymentV2';
const LIST = 'uri:/lnrpc.Lightning/ListPayments';

/**
 * Asks what became of a payment. LND has one record for each hash and puts a new one in its place when the hash is sent again after it failed; neither its time nor its
 * index says whose request it was, so a failure may be that of `lncli` or of another store.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`. `WALLET_PERMISSION_DENIED` where the macaroon may look up no payment at all: then nothing is known.
 */
export async function lookUpPayment(rest: LndRest, paymentHashHex: string): Promise<PaymentLookUp> {
  const { payment, nowMs } = await readPaymentRecord(rest, paymentHashHex);
  if (payment === null) return { state: 'notFound', walletNowMs: nowMs };
  const found = readPaymentLine(payment, paymentHashHex);
  if (found.state === 'doubtful') throw new SatwayError('WALLET_ANSWER_INVALID', { detail: found.detail });
  return found.state === 'failed' ? { ...found, walletNowMs: nowMs, mayBeOfAnother: true } : found;
}

/** The record by its hash, or, where the macaroon may not ask for one, by the list of all. Throws as above. */
export async function readPaymentRecord(rest: LndRest, paymentHashHex: string): Promise<PaymentRecord> {
  checkPaymentHash(paymentHashHex);
  try {
    return await trackPayment(rest, paymentHashHex);
  } catch (error) {
    if (!isMissingPermission(error)) throw error;
  }
  try {
    return await findInPayments(rest, paymentHashHex);
  } catch (error) {
    throw isMissingPermission(error) ? cannotLookUp() : error;
  }
}

function cannotLookUp(): SatwayError {
  return new SatwayError('WALLET_PERMISSION_DENIED', {
    detail: `The macaroon lacks ${TRACK} or ${LIST}: a payment whose answer was lost cannot be looked up and stays unknown.`,
    facts: { missingPermission: TRACK },
  });
}
