import { readOwnInvoice } from '@satway/protocol';
import { usualFeeCeilingMsat } from '../../fee-ceiling.js';
import { bookableCost, integerOf, isPreimageOf, type Json, textOf } from '../../rest/index.js';
import type { FailedPayment, PaymentFailureReason, PayRequest, SettledPayment } from '../../wallet.js';

/** What one line about a payment says. */
export type PaymentLine =
  | SettledPayment
  | FailedPayment
  | { readonly state: 'inFlight' }
  /** The line contradicts itself or the question; it proves nothing. */
  | { readonly state: 'doubtful'; readonly detail: string };

const REASONS: ReadonlyMap<string, PaymentFailureReason> = new Map([
  ['FAILURE_REASON_TIMEOUT', 'timeout'],
  ['FAILURE_REASON_NO_ROUTE', 'no_route'],
  ['FAILURE_REASON_INCORRECT_PAYMENT_DETAILS', 'incorrect_payment_details'],
  ['FAILURE_REASON_INSUFFICIENT_BALANCE', 'insufficient_balance'],
]);

/**
 * Reads `lnrpc.Payment`. Only `status` decides: a success can carry a failure reason, and a payment in flight the real preimage.
 * A success counts with the preimage of this hash alone, whatever it says that it cost; a failure that shows it is doubtful.
 *
 * @param asked - what the payment was asked with, where that is known: by it an amount or a fee counts that is none.
 */
export function readPaymentLine(json: Json, paymentHashHex: string, asked: AskedCost | null = null): PaymentLine {
  if (textOf(json, 'payment_hash') !== paymentHashHex) return doubtful('it is about another payment hash');
  const preimageHex = textOf(json, 'payment_preimage') ?? '';
  switch (textOf(json, 'status')) {
    case 'SUCCEEDED':
      return settledPayment(json, preimageHex, paymentHashHex, asked);
    case 'FAILED':
      return isPreimageOf(preimageHex, paymentHashHex)
        ? doubtful('it failed and shows the preimage')
        : failedPayment(json);
    case 'IN_FLIGHT':
    case 'INITIATED':
      return { state: 'inFlight' };
    default:
      return doubtful('its status is unknown');
  }
}

/** What a payment was asked with. */
export type AskedCost = Pick<PayRequest, 'amountMsat' | 'feeLimitMsat'>;

function settledPayment(json: Json, preimageHex: string, paymentHashHex: string, asked: AskedCost | null): PaymentLine {
  if (!isPreimageOf(preimageHex, paymentHashHex)) return doubtful('its preimage does not belong to the payment hash');
  const cost = bookableCost({
    amountMsat: integerOf(json, 'value_msat'),
    feeMsat: integerOf(json, 'fee_msat'),
    leastAmountMsat: asked?.amountMsat ?? invoicedMsat(json, paymentHashHex),
    feeCeilingMsat: asked === null ? usualFeeCeilingMsat : () => asked.feeLimitMsat,
  });
  return { state: 'settled', preimageHex, ...cost };
}

/** By the invoice in the record; 0 where it has none of this hash. */
function invoicedMsat(json: Json, paymentHashHex: string): number {
  const read = readOwnInvoice(textOf(json, 'payment_request') ?? '');
  return read.ok && read.value.paymentHashHex === paymentHashHex ? Number(read.value.amountMsat ?? 0) : 0;
}

function failedPayment(json: Json): FailedPayment {
  const reason = textOf(json, 'failure_reason') ?? '';
  return {
    state: 'failed',
    reason: REASONS.get(reason) ?? 'other',
    detail: /^[A-Z_]{1,80}$/.test(reason) ? reason : '',
  };
}

function doubtful(detail: string): PaymentLine {
  return { state: 'doubtful', detail: `LND’s answer proves nothing: ${detail}.` };
}
