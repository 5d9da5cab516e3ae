import { integerOf, isPreimageOf, type Json, textOf } from '../../rest/index.js';
import type { FailedPayment, PaymentFailureReason, SettledPayment } from '../../wallet.js';

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
 * A success counts with the preimage of this hash alone; a failure that shows it is doubtful.
 */
export function readPaymentLine(json: Json, paymentHashHex: string): PaymentLine {
  if (textOf(json, 'payment_hash') !== paymentHashHex) return doubtful('it is about another payment hash');
  const preimageHex = textOf(json, 'payment_preimage') ?? '';
  switch (textOf(json, 'status')) {
    case 'SUCCEEDED':
      return settledPayment(json, preimageHex, paymentHashHex);
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

function settledPayment(json: Json, preimageHex: string, paymentHashHex: string): PaymentLine {
  if (!isPreimageOf(preimageHex, paymentHashHex)) return doubtful('its preimage does not belong to the payment hash');
  const amountMsat = integerOf(json, 'value_msat');
  const feeMsat = integerOf(json, 'fee_msat');
  if (amountMsat === null || feeMsat === null) return doubtful('its amounts cannot be read');
  return { state: 'settled', preimageHex, amountMsat, feeMsat };
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
