import { SatwayError } from '@satway/base';
import { readOwnInvoice } from '@satway/protocol';
import { checkPaymentHash, integerOf, type Json, textOf } from '../rest/index.js';
import type { InvoiceState } from '../wallet.js';
import { isNoRecord, refusedCall } from './phoenixd-error.js';
import type { PhoenixdApi } from './phoenixd-api.js';
import type { PhoenixdCall } from './phoenixd-call.js';

/**
 * Asks where an invoice stands. The preimage, which phoenixd shows from the moment the invoice exists, is never read.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`.
 */
export async function lookUpIncoming(api: PhoenixdApi, paymentHashHex: string): Promise<InvoiceState> {
  checkPaymentHash(paymentHashHex);
  const call: PhoenixdCall = { method: 'GET', path: `/payments/incoming/${paymentHashHex}` };
  const answer = await api.ask(call);
  if (isNoRecord(answer)) return { state: 'notFound' };
  if (answer.status !== 200 || answer.json === null) throw refusedCall(call, answer);
  return invoiceState(answer.json, paymentHashHex);
}

function invoiceState(json: Json, paymentHashHex: string): InvoiceState {
  if (textOf(json, 'paymentHash') !== paymentHashHex) throw invalid('it is another one than the one asked for');
  if (json['isPaid'] === true) {
    return { state: 'settled', amountReceivedMsat: amountReceivedMsat(json), settledAtMs: settledAtMs(json) };
  }
  if (json['isPaid'] !== false) throw invalid('it does not say whether it is paid');
  if (json['isExpired'] === true) return { state: 'closed' };
  return { state: 'open', expiresAtMs: expiresAtMs(json, paymentHashHex) };
}

/**
 * What the payer gave. `receivedSat` is what is left of it after `fees` (in millisatoshis), which phoenixd takes out where it had to buy liquidity for
 * this payment, and is cut to the satoshi: where that cut is all that is missing from `requestedSat`, that was the amount.
 */
function amountReceivedMsat(json: Json): number {
  const receivedMsat = wanted(json, 'receivedSat') * 1000;
  const toldMsat = receivedMsat + wanted(json, 'fees');
  const requestedMsat = (integerOf(json, 'requestedSat') ?? 0) * 1000;
  if (!Number.isSafeInteger(toldMsat) || !Number.isSafeInteger(requestedMsat)) throw invalid('its amounts are none');
  const missingMsat = requestedMsat - toldMsat;
  return missingMsat > 0 && missingMsat < 1000 ? requestedMsat : toldMsat;
}

function settledAtMs(json: Json): number | null {
  const completedAt = integerOf(json, 'completedAt') ?? 0;
  return completedAt > 0 ? completedAt : null;
}

/** From the invoice itself: `expiresAt` beside it counts from a moment later than its timestamp. */
function expiresAtMs(json: Json, paymentHashHex: string): number {
  const read = readOwnInvoice(textOf(json, 'invoice') ?? '');
  if (read.ok && read.value.paymentHashHex === paymentHashHex) return read.value.expiresAtMs;
  throw invalid('it holds no invoice of that hash');
}

function wanted(json: Json, name: string): number {
  const value = integerOf(json, name);
  if (value === null || value < 0) throw invalid(`${name} is no amount`);
  return value;
}

function invalid(detail: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: `The incoming payment is not as expected: ${detail}.` });
}
