import { SatwayError } from '@satway/base';
import type { ExchangeResponse } from '@satway/egress';
import { refuseOtherInvoice } from '../../other-invoice.js';
import type { PaymentOutcome, PayRequest } from '../../wallet.js';
import { checkPaymentHash, type Json, mayHaveBeenSent } from '../../rest/index.js';
import { readLines } from '../lines.js';
import { lndConnectionError, type LndRest } from '../lnd-rest.js';
import { unknown } from './pre-flight.js';
import { sendByOlderCall } from './older-send.js';
import { NOT_ALLOWED, StreamOutcome } from './stream-outcome.js';
import { boundedTimeMs } from './time-limit.js';

const MAX_LINE_BYTES = 256 * 1024;
const MAX_STREAM_BYTES = 8 * 1024 * 1024;

/**
 * Sends one payment and follows its lines to the last. Where the macaroon may not make this call, and the hash was never sent before, the older one
 * is tried: LND has refused before it looked at the payment.
 *
 * @throws {SatwayError} only while nothing can have been sent: `WALLET_REFUSED` for limits that are none, `WALLET_UNREACHABLE`, `WALLET_TLS_MISMATCH`, `WALLET_TIMEOUT`, `WALLET_NOT_CONFIGURED`.
 */
export async function sendPayment(rest: LndRest, request: PayRequest, maxParts: number): Promise<PaymentOutcome> {
  checkPaymentHash(request.paymentHashHex);
  checkLimits(request);
  const refused = refuseOtherInvoice(request);
  if (refused !== null) return refused;
  const startedMs = performance.now();
  const outcome = await sendByRouter(rest, request, maxParts);
  if (outcome !== NOT_ALLOWED) return outcome;
  const leftMs = Math.max(1, request.timeoutMs - (performance.now() - startedMs));
  return sendByOlderCall(rest, { ...request, timeoutMs: leftMs });
}

function checkLimits({ feeLimitMsat, timeoutMs }: PayRequest): void {
  if (Number.isSafeInteger(feeLimitMsat) && feeLimitMsat >= 0 && timeoutMs > 0) return;
  throw new SatwayError('WALLET_REFUSED', {
    detail: 'A fee limit is a whole number from 0, a time limit more than 0.',
  });
}

async function sendByRouter(
  rest: LndRest,
  request: PayRequest,
  maxParts: number,
): Promise<PaymentOutcome | typeof NOT_ALLOWED> {
  const response = await open(rest, request, maxParts);
  if ('state' in response) return response;
  const outcome = new StreamOutcome(request);
  try {
    for await (const line of readLines(response.body, MAX_LINE_BYTES)) if (outcome.take(line)) break;
  } catch (error) {
    return outcome.final(lndConnectionError(error).message);
  }
  return outcome.final('The answer ended without a result.');
}

async function open(rest: LndRest, request: PayRequest, maxParts: number): Promise<ExchangeResponse | PaymentOutcome> {
  try {
    return await rest.open({
      method: 'POST',
      path: '/v2/router/send',
      body: sendBody(request, maxParts),
      deadlineMs: boundedTimeMs(request.timeoutMs),
      maxBodyBytes: MAX_STREAM_BYTES,
    });
  } catch (error) {
    const told = lndConnectionError(error);
    if (!mayHaveBeenSent(error)) throw told;
    return unknown(told.message);
  }
}

/**
 * One part unless configured, so that LND gives up within its time limit, and the fee limit always, since LND reads none as another. `cancelable` is
 * left alone: with it a lost connection ends attempts while one of them can still settle.
 */
function sendBody({ invoice, feeLimitMsat, timeoutMs }: PayRequest, maxParts: number): Json {
  return {
    payment_request: invoice,
    fee_limit_msat: String(feeLimitMsat),
    timeout_seconds: Math.max(1, Math.ceil(boundedTimeMs(timeoutMs) / 1000) - 1),
    max_parts: maxParts,
    no_inflight_updates: false,
  };
}
