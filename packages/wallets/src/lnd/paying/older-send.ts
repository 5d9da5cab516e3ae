import type { PaymentFailureReason, PaymentOutcome, PayRequest } from '../../wallet.js';
import {
  asObject,
  bookableCost,
  foreignWords,
  hexOfBytes,
  integerOf,
  isPreimageOf,
  type Json,
  mayHaveBeenSent,
  textOf,
} from '../../rest/index.js';
import { lndErrorOf, PERMISSION_DENIED } from '../lnd-error.js';
import type { LndAnswer, LndRest } from '../lnd-rest.js';
import { outcomeOfRefusal, unknown } from './pre-flight.js';
import { boundedTimeMs } from './time-limit.js';

/** The only words of `payment_error` that prove a failure; `router shutting down` was seen for a payment that then succeeded. */
const FAILURES: Readonly<Record<string, PaymentFailureReason>> = {
  no_route: 'no_route',
  insufficient_balance: 'insufficient_balance',
  incorrect_payment_details: 'incorrect_payment_details',
};

/**
 * Pays through `POST /v1/channels/transactions`, for a macaroon that allows nothing newer, as the first request for its hash. It knows no time limit of
 * LND's and no number of parts; its fee limit is always sent, since without one it was seen to pay 10 %.
 *
 * @throws {SatwayError} only while nothing can have been sent, as `sendPayment` does.
 */
export async function sendByOlderCall(rest: LndRest, request: PayRequest): Promise<PaymentOutcome> {
  const answer = await ask(rest, request);
  if ('state' in answer) return answer;
  const { status, json } = answer;
  if (status === 200 && json !== null) return readAnswer(json, request);
  const error = lndErrorOf(json);
  if (error === null) return unknown(`LND: HTTP ${status} without an error of LND's.`);
  return error.message === PERMISSION_DENIED ? NOT_ALLOWED_AT_ALL : outcomeOfRefusal(error, true);
}

const NOT_ALLOWED_AT_ALL: PaymentOutcome = {
  state: 'failed',
  reason: 'rejected_before_sending',
  detail: 'LND: permission denied. The macaroon lacks uri:/routerrpc.Router/SendPaymentV2.',
};

async function ask(rest: LndRest, request: PayRequest): Promise<LndAnswer | PaymentOutcome> {
  try {
    return await rest.ask({
      method: 'POST',
      path: '/v1/channels/transactions',
      body: { payment_request: request.invoice, fee_limit: { fixed_msat: String(request.feeLimitMsat) } },
      deadlineMs: boundedTimeMs(request.timeoutMs),
    });
  } catch (error) {
    if (!mayHaveBeenSent(causeOf(error))) throw error;
    return unknown(error instanceof Error ? error.message : 'The answer was lost.');
  }
}

/** What the door out threw: it knows whether a byte can have left. */
function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : error;
}

/** Its failures are HTTP 200. The preimage is base64. */
function readAnswer(json: Json, request: PayRequest): PaymentOutcome {
  const { paymentHashHex } = request;
  if (hexOfBytes(json, 'payment_hash') !== paymentHashHex) return proves('it is about another payment hash');
  const words = textOf(json, 'payment_error');
  const preimageHex = hexOfBytes(json, 'payment_preimage') ?? '';
  const isPaid = isPreimageOf(preimageHex, paymentHashHex);
  if (words === '')
    return isPaid ? settled(json, preimageHex, request) : proves('its preimage does not belong to the payment hash');
  if (words === null || isPaid) return proves('it contradicts itself');
  const reason = Object.hasOwn(FAILURES, words) ? FAILURES[words] : undefined;
  return reason === undefined ? unknown(`LND: ${foreignWords(words)}`) : { state: 'failed', reason, detail: words };
}

function settled(json: Json, preimageHex: string, { amountMsat, feeLimitMsat }: PayRequest): PaymentOutcome {
  const route = asObject(json['payment_route']) ?? {};
  const totalMsat = integerOf(route, 'total_amt_msat');
  const feeMsat = integerOf(route, 'total_fees_msat');
  const cost = bookableCost({
    amountMsat: totalMsat === null || feeMsat === null || feeMsat < 0 ? null : totalMsat - feeMsat,
    feeMsat,
    leastAmountMsat: amountMsat,
    feeCeilingMsat: () => feeLimitMsat,
  });
  return { state: 'settled', preimageHex, ...cost };
}

function proves(what: string): PaymentOutcome {
  return unknown(`LND’s answer proves nothing: ${what}.`);
}
