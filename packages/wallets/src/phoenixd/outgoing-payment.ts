import { SatwayError } from '@satway/base';
import { readOwnInvoice } from '@satway/protocol';
import { bookableCost, checkPaymentHash, integerOf, isPreimageOf, type Json, textOf } from '../rest/index.js';
import type { FailedPayment, PaymentLookUp, SettledPayment } from '../wallet.js';
import { phoenixdFeeMsat } from './fees.js';
import { isNoRecord, refusedCall } from './phoenixd-error.js';
import type { PhoenixdApi } from './phoenixd-api.js';
import type { PhoenixdCall } from './phoenixd-call.js';

/**
 * phoenixd sends an expired invoice like any other: a request that lies in its socket can be paid long after the expiry. So no time, such as a proxy
 * before it might tell, is proof that it will not be.
 */
const NO_TIME = null;

/**
 * Asks what became of the payments of a hash. Of several phoenixd tells the one that got furthest: paid, else pending, else failed; so a failure is one
 * of all of them that it has looked at, whoever asked for them; a request of ours that lies in its socket is none of those. It writes a payment down before
 * it sends it.
 *
 * @throws {SatwayError} the codes of `InvoiceIssuer`.
 */
export async function lookUpOutgoing(
  api: PhoenixdApi,
  paymentHashHex: string,
  deadlineMs?: number,
): Promise<PaymentLookUp> {
  checkPaymentHash(paymentHashHex);
  const path = `/payments/outgoingbyhash/${paymentHashHex}`;
  const call: PhoenixdCall = { method: 'GET', path, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
  const answer = await api.ask(call);
  if (isNoRecord(answer)) return { state: 'notFound', walletNowMs: NO_TIME };
  if (answer.status !== 200 || answer.json === null) throw refusedCall(call, answer);
  const found = readRecord(answer.json, paymentHashHex);
  return found.state === 'failed' ? { ...found, walletNowMs: NO_TIME, mayBeOfAnother: true } : found;
}

/** A record without `completedAt` is of a payment in flight. Which failure it was, no record tells. */
function readRecord(json: Json, paymentHashHex: string): SettledPayment | FailedPayment | { state: 'inFlight' } {
  if (textOf(json, 'paymentHash') !== paymentHashHex) throw invalid('it is about another payment hash');
  const preimageHex = textOf(json, 'preimage');
  if (json['isPaid'] === true) return settledPayment(json, preimageHex ?? '', paymentHashHex);
  if (json['isPaid'] !== false) throw invalid('it does not say whether it is paid');
  if (preimageHex !== null) throw invalid('it is not paid and shows a preimage');
  const { completedAt } = json;
  if (completedAt === undefined || completedAt === null) return { state: 'inFlight' };
  if ((integerOf(json, 'completedAt') ?? 0) <= 0) throw invalid('its end is no time');
  return { state: 'failed', reason: 'other', detail: 'phoenixd has it as failed, without a reason.' };
}

function settledPayment(json: Json, preimageHex: string, paymentHashHex: string): SettledPayment {
  if (!isPreimageOf(preimageHex, paymentHashHex)) throw invalid('its preimage does not belong to the payment hash');
  const feeMsat = integerOf(json, 'fees');
  const sentSat = integerOf(json, 'sent');
  const isFee = feeMsat !== null && feeMsat >= 0;
  const toldMsat = isFee && sentSat !== null ? amountMsat(json, sentSat * 1000 - feeMsat) : null;
  const cost = bookableCost({
    amountMsat: toldMsat,
    // Where the two contradict each other, neither is believed.
    feeMsat: toldMsat === null ? null : feeMsat,
    leastAmountMsat: toldMsat ?? invoicedMsat(json),
    feeCeilingMsat: phoenixdFeeMsat,
  });
  return { state: 'settled', preimageHex, ...cost };
}

/**
 * `sent` is the amount with the fees, in satoshis, cut off; `fees` are in millisatoshis. So less than a satoshi of the amount is missing, which the
 * invoice tells, unless another amount was paid for it: then it was one in whole satoshis, since phoenixd takes no other. `null` where that is no amount.
 */
function amountMsat(json: Json, atLeastMsat: number): number | null {
  if (!Number.isSafeInteger(atLeastMsat) || atLeastMsat <= -1000) return null;
  const invoiceMsat = invoicedMsat(json);
  const isOfInvoice = invoiceMsat >= atLeastMsat && invoiceMsat < atLeastMsat + 1000;
  return isOfInvoice ? invoiceMsat : Math.max(0, Math.ceil(atLeastMsat / 1000) * 1000);
}

/** 0 where the record shows no invoice with an amount. */
function invoicedMsat(json: Json): number {
  const read = readOwnInvoice(textOf(json, 'invoice') ?? '');
  return read.ok ? Number(read.value.amountMsat ?? 0) : 0;
}

function invalid(detail: string): SatwayError {
  return new SatwayError('WALLET_ANSWER_INVALID', { detail: `The outgoing payment is not as expected: ${detail}.` });
}
