import { isSatwayError, SatwayError } from '@satway/base';
import { readOwnInvoice } from '@satway/protocol';
import { checkPaymentHash, integerOf, textOf } from '../rest/index.js';
import type {
  BitcoinNetwork,
  FailedPayment,
  PaymentFailureReason,
  PaymentLookUp,
  PaymentOutcome,
  PayRequest,
  UnknownPayment,
} from '../wallet.js';
import { lookUpPayment, nwcCost } from './look-up-payment.js';
import { type NwcService, walletWords } from './nwc-service.js';
import type { WalletReply } from './reply.js';
import { preimageOf } from './transaction.js';

/**
 * Pays one invoice.
 *
 * The request carries an `expiration`, so that a wallet that comes back late does not pay what nobody waits for; since NIP-47 only says that
 * it should be ignored then, a passed deadline is unknown all the same.
 *
 * @throws {SatwayError} only while nothing has left: `WALLET_REFUSED`, `WALLET_UNREACHABLE`, `WALLET_TIMEOUT`, `WALLET_NOT_CONFIGURED`, `WALLET_ANSWER_INVALID`.
 */
export async function payInvoice(
  service: NwcService,
  network: BitcoinNetwork,
  request: PayRequest,
): Promise<PaymentOutcome> {
  checkPaymentHash(request.paymentHashHex);
  if (!(request.timeoutMs > 0)) throw new SatwayError('WALLET_REFUSED', { detail: 'A time limit is more than 0.' });
  const refusal = refuseUnsent(request, network);
  if (refusal !== null) return asOutcome(refusal, request);
  const exchange = await service.exchange('pay_invoice', { invoice: request.invoice }, request.timeoutMs);
  if (exchange.state === 'answered') {
    const isFirst = request.mayHaveBeenSentBefore !== true && exchange.copies === 1;
    return readAnswer(service, exchange.reply, request, isFirst);
  }
  if (exchange.mayHaveBeenSent) return unknown(exchange.detail);
  throw new SatwayError(exchange.code, { detail: exchange.detail });
}

/** What no wallet could pay, found before anything leaves. */
function refuseUnsent(request: PayRequest, network: BitcoinNetwork): FailedPayment | null {
  const read = readOwnInvoice(request.invoice);
  if (!read.ok) return rejected('It is no invoice.');
  const { paymentHashHex, amountMsat, expiresAtMs } = read.value;
  if (read.value.network !== network) return rejected(`It is on ${read.value.network}, the wallet on ${network}.`);
  if (paymentHashHex !== request.paymentHashHex) return rejected('It has another payment hash.');
  if (amountMsat === null || amountMsat !== BigInt(request.amountMsat)) return rejected('It has another amount.');
  if (expiresAtMs > Date.now()) return null;
  return { state: 'failed', reason: 'expired', detail: 'The invoice has expired.' };
}

async function readAnswer(
  service: NwcService,
  reply: WalletReply,
  request: PayRequest,
  isFirst: boolean,
): Promise<PaymentOutcome> {
  if (!reply.ok) return isFirst ? readRefusal(service, reply, request) : unknown(`The wallet: ${walletWords(reply)}`);
  const preimageHex = preimageOf(textOf(reply.result, 'preimage'), request.paymentHashHex);
  if (preimageHex === null) return unknown('The wallet told a preimage of something else.');
  return { state: 'settled', preimageHex, ...nwcCost(integerOf(reply.result, 'fees_paid'), request.amountMsat) };
}

/**
 * What each error code of NIP-47 proves about a request that was sent for the first time. Left out, and so unknown, are `INTERNAL` ("an internal
 * error") and `OTHER`, which say nothing about when, and every code that NIP-47 does not have.
 */
const REFUSED_BEFORE_SENDING: Readonly<Record<string, PaymentFailureReason>> = {
  // "The wallet does not have enough funds to cover a fee reserve or the payment amount": looked at before a route is tried.
  INSUFFICIENT_BALANCE: 'insufficient_balance',
  // "The wallet has exceeded its spending quota": the budget of the connection, which is the service's own, not the node's.
  QUOTA_EXCEEDED: 'rejected_before_sending',
  // "This public key is not allowed to do this operation."
  RESTRICTED: 'rejected_before_sending',
  // "This public key has no wallet connected."
  UNAUTHORIZED: 'rejected_before_sending',
  // "The client is sending commands too fast. It should retry in a few seconds": the command was not taken.
  RATE_LIMITED: 'rejected_before_sending',
  // "The command is not known or is intentionally not implemented."
  NOT_IMPLEMENTED: 'rejected_before_sending',
  // "The encryption type of the request is not supported": it could not even be read.
  UNSUPPORTED_ENCRYPTION: 'rejected_before_sending',
};

/**
 * A refusal counts with the wallet's own record. Where that shows a payment after all, as when a relay brought the request twice and the second
 * copy was refused, nothing is certain. `PAYMENT_FAILED` "may be due to a timeout" (NIP-47), and what timed out may still settle; wallets also say it of
 * an invoice that is paid already: so it needs a record that says failed.
 */
async function readRefusal(
  service: NwcService,
  refusal: { readonly code: string; readonly message: string },
  request: PayRequest,
): Promise<PaymentOutcome> {
  const detail = `The wallet: ${walletWords(refusal)}`;
  const isKnown = Object.hasOwn(REFUSED_BEFORE_SENDING, refusal.code);
  if (!isKnown && refusal.code !== 'PAYMENT_FAILED') return unknown(detail);
  const recorded = await recordOf(service, request);
  if (recorded === 'settled' || recorded === 'inFlight') return { ...unknown(detail), seenInFlight: true };
  if (!isKnown && recorded !== 'failed') return unknown(detail);
  return { state: 'failed', reason: REFUSED_BEFORE_SENDING[refusal.code] ?? reasonIn(detail), detail };
}

/** `null` where the wallet does not tell. */
async function recordOf(service: NwcService, request: PayRequest): Promise<PaymentLookUp['state'] | null> {
  const timeoutMs = Math.min(request.timeoutMs, service.callTimeoutMs);
  try {
    return (await lookUpPayment(service, request.paymentHashHex, timeoutMs)).state;
  } catch (error) {
    if (isSatwayError(error)) return null;
    throw error;
  }
}

/** Why, as far as the wallet's words tell; nothing depends on it but what a person reads. */
function reasonIn(detail: string): PaymentFailureReason {
  if (/incorrect.?payment.?details|unknown payment hash|cancel/i.test(detail)) return 'incorrect_payment_details';
  if (/no.?route|unable to find a path/i.test(detail)) return 'no_route';
  if (/insufficient.?balance/i.test(detail)) return 'insufficient_balance';
  return 'other';
}

/** A refusal proves failure only when this hash was never sent before. */
function asOutcome(failure: FailedPayment, request: PayRequest): PaymentOutcome {
  return request.mayHaveBeenSentBefore === true ? unknown(failure.detail) : failure;
}

function rejected(detail: string): FailedPayment {
  return { state: 'failed', reason: 'rejected_before_sending', detail };
}

function unknown(detail: string): UnknownPayment {
  return { state: 'unknown', detail };
}
